#ifndef HAMLET_ENGINE_BACKUP_IMPL_H
#define HAMLET_ENGINE_BACKUP_IMPL_H

#include <sys/types.h>

#include "engine/backup.h"

/* What backup.c does with single files and folders. */

/* Copy the file FROM, of MAX bytes at most, to TO; with OPTIONAL, one that isn't there isn't missed. */
int backup_copy_file(const char *from, const char *to, size_t max, bool optional, struct err *err);

#define BACKUP_DEEP 32 /* how many folders in one another a copy has at most */

/*
 * Copy rules.conf, the files of the folder of the sites' rules, and the lists below the state directory that
 * they name, with their folders.  Rules that can't be read keep nothing else from being copied: then
 * OUT->rules_fault says why, and so it does of what isn't copied.
 */
int backup_copy_rules(const struct engine_paths *from, const struct engine_paths *to,
    struct backup_result *out, struct err *err);

/*
 * Copy what files of the owner's the backup FROM holds, hamlet.conf too, whatever its rules name: they can't
 * be read where a list was named by its full path, or lay elsewhere, and isn't there any more.  What can't be
 * read is left out, and OUT->rules_fault says so; so is a folder that is a state directory or a backup
 * itself.
 */
int backup_copy_owned(const struct engine_paths *from, const struct engine_paths *to,
    struct backup_result *out, struct err *err);

/* Have OUT->rules_fault say what is amiss with the rules in the folder DIR, unless it says something. */
void backup_try_rules(const char *dir, struct backup_result *out);

/* Take away what was written to the folder of PATHS. */
void backup_clear(const struct engine_paths *paths);

/* Give the folder of PATHS, and the files and folders that were written to it, to UID and GID. */
int backup_give(const struct engine_paths *paths, uid_t uid, gid_t gid, struct err *err);

/* Open the folders of a copy to the group, as those of a state directory are. */
int backup_let_in(const struct engine_paths *paths, struct err *err);

#endif
