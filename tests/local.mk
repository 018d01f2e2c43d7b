# Unit tests speak TAP; scripts tell by their exit code (77: skipped).
TEST_EXTENSIONS = .sh
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
AM_TESTS_ENVIRONMENT = CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; $(HAMLET_TEST_ENVIRONMENT)
HAMLET_TEST_ENVIRONMENT = \
	HAMLET='$(abs_top_builddir)/hamlet'; HAMLETD='$(abs_top_builddir)/hamletd'; \
	HAMLET_CORPUS='$(abs_top_srcdir)/corpus/data'; \
	HAMLET_SHARED=$${HAMLET_SHARED-'$(abs_top_srcdir)/../shared'}; \
	PYTEST='$(PYTEST)'; PYTHONDONTWRITEBYTECODE=1; CC='$(CC)'; \
	export HAMLET HAMLETD HAMLET_CORPUS HAMLET_SHARED PYTEST PYTHONDONTWRITEBYTECODE CC;

check_SCRIPTS = \
	%D%/tools/check-layers.sh \
	%D%/tools/check-functions.sh \
	%D%/tools/check-format.sh \
	%D%/tools/check-headers.sh \
	%D%/tools/check-corpus.sh \
	%D%/tools/check-manual.sh \
	%D%/api.sh
TESTS += $(check_SCRIPTS)

UNIT_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/unit $(CMOCKA_CFLAGS)
UNIT_LDADD = daemon/libdaemon.a $(HAMLET_LIBS) $(LIBEVENT_LIBS) $(FOREIGN_LIBS) $(CMOCKA_LIBS)

if HAVE_CMOCKA
UNIT_TESTS = \
	%D%/unit/test_base \
	%D%/unit/test_chain \
	%D%/unit/test_blogspam \
	%D%/unit/test_check \
	%D%/unit/test_classifier \
	%D%/unit/test_comment_json \
	%D%/unit/test_corpus \
	%D%/unit/test_corpus_formats \
	%D%/unit/test_corpus_lint \
	%D%/unit/test_drift \
	%D%/unit/test_engine \
	%D%/unit/test_evaluate \
	%D%/unit/test_examples \
	%D%/unit/test_files \
	%D%/unit/test_fingerprint \
	%D%/unit/test_flood \
	%D%/unit/test_form \
	%D%/unit/test_histories \
	%D%/unit/test_http \
	%D%/unit/test_http_parse \
	%D%/unit/test_label_noise \
	%D%/unit/test_learn \
	%D%/unit/test_lone \
	%D%/unit/test_lookup \
	%D%/unit/test_memory \
	%D%/unit/test_merge \
	%D%/unit/test_normal \
	%D%/unit/test_own \
	%D%/unit/test_padding \
	%D%/unit/test_parts \
	%D%/unit/test_phrases \
	%D%/unit/test_person \
	%D%/unit/test_poison \
	%D%/unit/test_recorder \
	%D%/unit/test_registry \
	%D%/unit/test_shelf \
	%D%/unit/test_rules \
	%D%/unit/test_rx \
	%D%/unit/test_retention \
	%D%/unit/test_settings \
	%D%/unit/test_sites \
	%D%/unit/test_spelling \
	%D%/unit/test_store \
	%D%/unit/test_store_sites \
	%D%/unit/test_subject \
	%D%/unit/test_tokens \
	%D%/unit/test_unfiled \
	%D%/unit/test_verdicts \
	%D%/unit/test_weigh
check_PROGRAMS += $(UNIT_TESTS)
THREAD_TESTS = %D%/unit/test_http$(EXEEXT) %D%/unit/test_recorder$(EXEEXT) %D%/unit/test_flood$(EXEEXT)
TESTS += $(UNIT_TESTS)

%C%_unit_test_base_SOURCES = %D%/unit/test_base.c
%C%_unit_test_base_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_base_LDADD = $(UNIT_LDADD)
%C%_unit_test_chain_SOURCES = %D%/unit/test_chain.c
%C%_unit_test_chain_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_chain_LDADD = $(UNIT_LDADD)
%C%_unit_test_blogspam_SOURCES = %D%/unit/test_blogspam.c
%C%_unit_test_blogspam_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_blogspam_LDADD = $(UNIT_LDADD)
%C%_unit_test_check_SOURCES = %D%/unit/test_check.c
%C%_unit_test_check_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_check_LDADD = $(UNIT_LDADD)
%C%_unit_test_classifier_SOURCES = %D%/unit/test_classifier.c
%C%_unit_test_classifier_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_classifier_LDADD = $(UNIT_LDADD)
%C%_unit_test_comment_json_SOURCES = %D%/unit/test_comment_json.c
%C%_unit_test_comment_json_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_comment_json_LDADD = $(UNIT_LDADD)
%C%_unit_test_corpus_SOURCES = %D%/unit/test_corpus.c
%C%_unit_test_corpus_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_corpus_LDADD = $(UNIT_LDADD)
%C%_unit_test_corpus_formats_SOURCES = %D%/unit/test_corpus_formats.c
%C%_unit_test_corpus_formats_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_corpus_formats_LDADD = $(UNIT_LDADD)
%C%_unit_test_corpus_lint_SOURCES = %D%/unit/test_corpus_lint.c
%C%_unit_test_corpus_lint_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_corpus_lint_LDADD = $(UNIT_LDADD)
%C%_unit_test_drift_SOURCES = %D%/unit/test_drift.c
%C%_unit_test_drift_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_drift_LDADD = $(UNIT_LDADD)
%C%_unit_test_engine_SOURCES = %D%/unit/test_engine.c
%C%_unit_test_engine_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_engine_LDADD = $(UNIT_LDADD)
%C%_unit_test_evaluate_SOURCES = %D%/unit/test_evaluate.c
%C%_unit_test_evaluate_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_evaluate_LDADD = $(UNIT_LDADD)
%C%_unit_test_examples_SOURCES = %D%/unit/test_examples.c
%C%_unit_test_examples_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_examples_LDADD = $(UNIT_LDADD)
%C%_unit_test_files_SOURCES = %D%/unit/test_files.c
%C%_unit_test_files_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_files_LDADD = $(UNIT_LDADD)
%C%_unit_test_fingerprint_SOURCES = %D%/unit/test_fingerprint.c
%C%_unit_test_fingerprint_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_fingerprint_LDADD = $(UNIT_LDADD)
%C%_unit_test_flood_SOURCES = %D%/unit/test_flood.c
%C%_unit_test_flood_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_flood_LDADD = $(UNIT_LDADD)
%C%_unit_test_form_SOURCES = %D%/unit/test_form.c
%C%_unit_test_form_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_form_LDADD = $(UNIT_LDADD)
%C%_unit_test_histories_SOURCES = %D%/unit/test_histories.c
%C%_unit_test_histories_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_histories_LDADD = $(UNIT_LDADD)
%C%_unit_test_http_SOURCES = %D%/unit/test_http.c
%C%_unit_test_http_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_http_LDADD = $(UNIT_LDADD)
%C%_unit_test_http_parse_SOURCES = %D%/unit/test_http_parse.c
%C%_unit_test_http_parse_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_http_parse_LDADD = $(UNIT_LDADD)
%C%_unit_test_label_noise_SOURCES = %D%/unit/test_label_noise.c
%C%_unit_test_label_noise_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_label_noise_LDADD = $(UNIT_LDADD)
%C%_unit_test_learn_SOURCES = %D%/unit/test_learn.c
%C%_unit_test_learn_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_learn_LDADD = $(UNIT_LDADD)
%C%_unit_test_lone_SOURCES = %D%/unit/test_lone.c
%C%_unit_test_lone_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_lone_LDADD = $(UNIT_LDADD)
%C%_unit_test_lookup_SOURCES = %D%/unit/test_lookup.c
%C%_unit_test_lookup_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_lookup_LDADD = $(UNIT_LDADD)
%C%_unit_test_memory_SOURCES = %D%/unit/test_memory.c
%C%_unit_test_memory_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_memory_LDADD = $(UNIT_LDADD)
%C%_unit_test_merge_SOURCES = %D%/unit/test_merge.c
%C%_unit_test_merge_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_merge_LDADD = $(UNIT_LDADD)
%C%_unit_test_memory_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
%C%_unit_test_normal_SOURCES = %D%/unit/test_normal.c
%C%_unit_test_normal_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_normal_LDADD = $(UNIT_LDADD)
%C%_unit_test_own_SOURCES = %D%/unit/test_own.c
%C%_unit_test_own_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_own_LDADD = $(UNIT_LDADD)
%C%_unit_test_phrases_SOURCES = %D%/unit/test_phrases.c
%C%_unit_test_phrases_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_phrases_LDADD = $(UNIT_LDADD)

%C%_unit_test_person_SOURCES = %D%/unit/test_person.c
%C%_unit_test_person_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_person_LDADD = $(UNIT_LDADD)
%C%_unit_test_poison_SOURCES = %D%/unit/test_poison.c
%C%_unit_test_poison_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_poison_LDADD = $(UNIT_LDADD)
%C%_unit_test_recorder_SOURCES = %D%/unit/test_recorder.c
%C%_unit_test_recorder_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_recorder_LDADD = $(UNIT_LDADD)
%C%_unit_test_shelf_SOURCES = %D%/unit/test_shelf.c
%C%_unit_test_shelf_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_shelf_LDADD = $(UNIT_LDADD)
%C%_unit_test_registry_SOURCES = %D%/unit/test_registry.c
%C%_unit_test_registry_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_registry_LDADD = $(UNIT_LDADD)
%C%_unit_test_rules_SOURCES = %D%/unit/test_rules.c
%C%_unit_test_rules_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_rules_LDADD = $(UNIT_LDADD)
%C%_unit_test_rx_SOURCES = %D%/unit/test_rx.c
%C%_unit_test_rx_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_rx_LDADD = $(UNIT_LDADD)
%C%_unit_test_retention_SOURCES = %D%/unit/test_retention.c
%C%_unit_test_retention_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_retention_LDADD = $(UNIT_LDADD)
%C%_unit_test_settings_SOURCES = %D%/unit/test_settings.c
%C%_unit_test_settings_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_settings_LDADD = $(UNIT_LDADD)
%C%_unit_test_sites_SOURCES = %D%/unit/test_sites.c
%C%_unit_test_sites_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_sites_LDADD = $(UNIT_LDADD)
%C%_unit_test_parts_SOURCES = %D%/unit/test_parts.c
%C%_unit_test_parts_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_parts_LDADD = $(UNIT_LDADD)

%C%_unit_test_padding_SOURCES = %D%/unit/test_padding.c
%C%_unit_test_padding_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_padding_LDADD = $(UNIT_LDADD)
%C%_unit_test_weigh_SOURCES = %D%/unit/test_weigh.c
%C%_unit_test_weigh_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_weigh_LDADD = $(UNIT_LDADD)
%C%_unit_test_spelling_SOURCES = %D%/unit/test_spelling.c
%C%_unit_test_spelling_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_spelling_LDADD = $(UNIT_LDADD)
%C%_unit_test_store_SOURCES = %D%/unit/test_store.c
%C%_unit_test_store_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_store_LDADD = $(UNIT_LDADD)
%C%_unit_test_store_sites_SOURCES = %D%/unit/test_store_sites.c
%C%_unit_test_store_sites_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_store_sites_LDADD = $(UNIT_LDADD)
%C%_unit_test_subject_SOURCES = %D%/unit/test_subject.c
%C%_unit_test_subject_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_subject_LDADD = $(UNIT_LDADD)
%C%_unit_test_tokens_SOURCES = %D%/unit/test_tokens.c
%C%_unit_test_tokens_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_tokens_LDADD = $(UNIT_LDADD)
%C%_unit_test_unfiled_SOURCES = %D%/unit/test_unfiled.c
%C%_unit_test_unfiled_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_unfiled_LDADD = $(UNIT_LDADD)
%C%_unit_test_verdicts_SOURCES = %D%/unit/test_verdicts.c
%C%_unit_test_verdicts_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_unit_test_verdicts_LDADD = $(UNIT_LDADD)
endif

EXTRA_DIST += $(check_SCRIPTS) %D%/unit/unit.h %D%/unit/corpus_fixture.h %D%/unit/engine_fixture.h %D%/unit/store_fixture.h %D%/run-all %D%/api %D%/clients %D%/faults

# The black-box suite alone, and the parts of the full check that `make check` leaves out.
.PHONY: check-api check-full check-threads
check-api: all
	@$(HAMLET_TEST_ENVIRONMENT) $(PYTEST) -q -p no:cacheprovider '$(top_srcdir)/tests/api'
check-full: all
	@$(HAMLET_TEST_ENVIRONMENT) $(PYTEST) -q -p no:cacheprovider '$(top_srcdir)/tests/faults' '$(top_srcdir)/tests/clients'
check-threads: all $(THREAD_TESTS)
	@for t in $(THREAD_TESTS); do ./$$t || exit 1; done
	@$(HAMLET_TEST_ENVIRONMENT) $(PYTEST) -q -p no:cacheprovider '$(top_srcdir)/tests/api' -k 'native or lifecycle or akismet or rules or retention or blogspam or score'
	@$(HAMLET_TEST_ENVIRONMENT) $(PYTEST) -q -p no:cacheprovider '$(top_srcdir)/tests/faults/test_threads.py'
