# Unit tests speak TAP; scripts tell by their exit code (77: skipped).
TEST_EXTENSIONS = .sh
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
AM_TESTS_ENVIRONMENT = CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; $(HAMLET_TEST_ENVIRONMENT)
HAMLET_TEST_ENVIRONMENT = \
	HAMLET='$(abs_top_builddir)/hamlet'; HAMLETD='$(abs_top_builddir)/hamletd'; \
	HAMLET_CORPUS='$(abs_top_srcdir)/corpus/data'; CORPUS_CHECK='$(abs_top_builddir)/tests/tools/corpus_check'; \
	HAMLET_SHARED=$${HAMLET_SHARED-'$(abs_top_srcdir)/../shared'}; \
	PYTEST='$(PYTEST)'; PYTHONDONTWRITEBYTECODE=1; CC='$(CC)'; \
	export HAMLET HAMLETD HAMLET_CORPUS CORPUS_CHECK HAMLET_SHARED PYTEST PYTHONDONTWRITEBYTECODE CC;

check_SCRIPTS = \
	%D%/tools/check-layers.sh \
	%D%/tools/check-functions.sh \
	%D%/tools/check-format.sh \
	%D%/tools/check-headers.sh \
	%D%/tools/check-corpus.sh \
	%D%/tools/check-manual.sh \
	%D%/api.sh
TESTS += $(check_SCRIPTS)

check_PROGRAMS += %D%/tools/corpus_check
%C%_tools_corpus_check_SOURCES = %D%/tools/corpus_check.c
%C%_tools_corpus_check_LDADD = $(HAMLET_LIBS) $(FOREIGN_LIBS)

if HAVE_CMOCKA
UNIT_TESTS = @UNIT@
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif

EXTRA_DIST += $(check_SCRIPTS) %D%/run-all %D%/api %D%/clients %D%/faults

# The black-box suite alone, and the parts of the full check that `make check` leaves out.
.PHONY: check-api check-full check-threads
check-api: all
	@$(HAMLET_TEST_ENVIRONMENT) $(PYTEST) -q -p no:cacheprovider '$(top_srcdir)/tests/api'
check-full: all
	@$(HAMLET_TEST_ENVIRONMENT) $(PYTEST) -q -p no:cacheprovider '$(top_srcdir)/tests/faults' '$(top_srcdir)/tests/clients'
check-threads: all $(check_PROGRAMS)
	@$(HAMLET_TEST_ENVIRONMENT) $(PYTEST) -q -p no:cacheprovider '$(top_srcdir)/tests/api' -k 'native or lifecycle or akismet'
