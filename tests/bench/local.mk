# The benchmark: not a part of `make all` or `make check`.  BENCH_FLAGS: --quick, --rounds N, see bench.py --help.
BENCH_TOOLS = %D%/anchor_http %D%/anchor_sqlite %D%/loadgen %D%/pad_model
EXTRA_PROGRAMS = $(BENCH_TOOLS)
CLEANFILES += $(BENCH_TOOLS)

%C%_anchor_http_SOURCES = %D%/anchor_http.c
%C%_anchor_http_CPPFLAGS = $(AM_CPPFLAGS) $(LIBEVENT_CFLAGS)
%C%_anchor_http_LDADD = $(LIBEVENT_LIBS) -levent_extra
%C%_anchor_sqlite_SOURCES = %D%/anchor_sqlite.c %D%/tools.c %D%/tools.h
%C%_anchor_sqlite_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
%C%_anchor_sqlite_LDADD = $(HAMLET_LIBS) $(FOREIGN_LIBS)
%C%_loadgen_SOURCES = \
	%D%/answer.c %D%/answer.h \
	%D%/forms.c %D%/forms.h \
	%D%/load.c %D%/load.h \
	%D%/loadgen.c \
	%D%/tools.c %D%/tools.h
%C%_loadgen_LDADD = $(HAMLET_LIBS) $(FOREIGN_LIBS)
%C%_pad_model_SOURCES = %D%/pad_model.c %D%/tools.c %D%/tools.h
%C%_pad_model_LDADD = $(HAMLET_LIBS) $(FOREIGN_LIBS)

EXTRA_DIST += %D%/bench.py %D%/machine.py %D%/peers.py

.PHONY: bench
bench: all $(BENCH_TOOLS)
	@HAMLET='$(abs_top_builddir)/hamlet' HAMLETD='$(abs_top_builddir)/hamletd' HAMLET_CORPUS='$(abs_top_srcdir)/corpus/data' \
	BENCH_TOOLS='$(abs_top_builddir)/%D%' PYTHONDONTWRITEBYTECODE=1 \
	python3 '$(srcdir)/%D%/bench.py' $(BENCH_FLAGS)
