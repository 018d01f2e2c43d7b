noinst_LIBRARIES += %D%/libbase.a
%C%_libbase_a_SOURCES = \
	%D%/arena.c %D%/arena.h \
	%D%/background.c %D%/background.h \
	%D%/blake_four.c %D%/blake_four.h \
	%D%/buf.c %D%/buf.h \
	%D%/crypto.c %D%/crypto.h \
	%D%/decimal.c %D%/decimal.h \
	%D%/err.c %D%/err.h \
	%D%/file.c %D%/file.h %D%/file_own.c %D%/file_remove.c \
	%D%/guid.c %D%/guid.h \
	%D%/hash.c %D%/hash.h %D%/hash_here.h \
	%D%/ip.c %D%/ip.h \
	%D%/json.c %D%/json.h %D%/json_write.c \
	%D%/large.c %D%/large.h \
	%D%/list.h \
	%D%/log.c %D%/log.h \
	%D%/real.c %D%/real.h \
	%D%/slice.h \
	%D%/timetext.c %D%/timetext.h \
	%D%/together.c %D%/together.h \
	%D%/tree.c %D%/tree.h \
	%D%/ulid.c %D%/ulid.h \
	%D%/utf8.c %D%/utf8.h
%C%_libbase_a_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS) $(XXHASH_CFLAGS) $(JANSSON_CFLAGS)
