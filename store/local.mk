noinst_LIBRARIES += %D%/libstore.a
%C%_libstore_a_SOURCES = \
	%D%/backup.c \
	%D%/chain.c %D%/chain.h \
	%D%/checkpointer.c %D%/checkpointer.h \
	%D%/columns.c \
	%D%/daily.c %D%/daily.h \
	%D%/erase.c \
	%D%/events.c \
	%D%/contradictions.c \
	%D%/counts.c \
	%D%/examples.c \
	%D%/keep.c \
	%D%/keys.c %D%/keys.h \
	%D%/link.h \
	%D%/models.c \
	%D%/name.c \
	%D%/person.c %D%/person.h \
	%D%/record.c %D%/record.h \
	%D%/recorder.c %D%/recorder.h \
	%D%/rotate.c \
	%D%/retain.c %D%/retain.h \
	%D%/schema.c \
	%D%/scores.c \
	%D%/search.c %D%/search.h \
	%D%/sites.c \
	%D%/sql.c %D%/sql.h \
	%D%/store.c %D%/store.h \
	%D%/verdicts.c \
	%D%/verify.c %D%/verify.h \
	%D%/verify_fault.c
%C%_libstore_a_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
