noinst_LIBRARIES += %D%/libstore.a
%C%_libstore_a_SOURCES = \
	%D%/checkpointer.c %D%/checkpointer.h \
	%D%/daily.c %D%/daily.h \
	%D%/examples.c \
	%D%/keep.c \
	%D%/models.c \
	%D%/recorder.c %D%/recorder.h \
	%D%/schema.c \
	%D%/scores.c \
	%D%/search.c %D%/search.h \
	%D%/sites.c \
	%D%/sql.c %D%/sql.h \
	%D%/store.c %D%/store.h \
	%D%/verdicts.c
%C%_libstore_a_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
