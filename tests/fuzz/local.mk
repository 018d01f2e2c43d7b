# A target a surface; each is also a program that replays files, so that `make check` replays the seeds.  tests/fuzz/run links
# them with libFuzzer's main in place of ours.
FUZZ_MAIN = %D%/libreplay.a
FUZZ_LDADD = daemon/libdaemon.a $(HAMLET_LIBS) $(LIBEVENT_LIBS) $(FOREIGN_LIBS)

check_LIBRARIES = %D%/libreplay.a
%C%_libreplay_a_SOURCES = %D%/replay.c %D%/fuzz.h

FUZZ_TARGETS = \
	%D%/fuzz_accept \
	%D%/fuzz_blogspam \
	%D%/fuzz_charset \
	%D%/fuzz_checkpoints \
	%D%/fuzz_classify \
	%D%/fuzz_config \
	%D%/fuzz_csv \
	%D%/fuzz_evidence \
	%D%/fuzz_fingerprint \
	%D%/fuzz_flood \
	%D%/fuzz_form \
	%D%/fuzz_guid \
	%D%/fuzz_hosts \
	%D%/fuzz_http_parse \
	%D%/fuzz_json \
	%D%/fuzz_jsonl \
	%D%/fuzz_keys \
	%D%/fuzz_learn \
	%D%/fuzz_log \
	%D%/fuzz_mbox \
	%D%/fuzz_multipart \
	%D%/fuzz_normalise \
	%D%/fuzz_normalise_long \
	%D%/fuzz_rules \
	%D%/fuzz_snapshot \
	%D%/fuzz_text \
	%D%/fuzz_time \
	%D%/fuzz_tokens \
	%D%/fuzz_units \
	%D%/fuzz_wxr
check_PROGRAMS += $(FUZZ_TARGETS)

%C%_fuzz_accept_SOURCES = %D%/fuzz_accept.c
%C%_fuzz_accept_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_blogspam_SOURCES = %D%/fuzz_blogspam.c
%C%_fuzz_blogspam_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_charset_SOURCES = %D%/fuzz_charset.c
%C%_fuzz_charset_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_checkpoints_SOURCES = %D%/fuzz_checkpoints.c
%C%_fuzz_checkpoints_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_classify_SOURCES = %D%/fuzz_classify.c %D%/known_model.c %D%/known_model.h
%C%_fuzz_classify_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_config_SOURCES = %D%/fuzz_config.c
%C%_fuzz_config_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_csv_SOURCES = %D%/fuzz_csv.c %D%/read_corpus.h
%C%_fuzz_csv_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_evidence_SOURCES = %D%/fuzz_evidence.c
%C%_fuzz_evidence_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_fingerprint_SOURCES = %D%/fuzz_fingerprint.c %D%/known_model.c %D%/known_model.h
%C%_fuzz_fingerprint_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_flood_SOURCES = %D%/fuzz_flood.c
%C%_fuzz_flood_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_form_SOURCES = %D%/fuzz_form.c %D%/check_form.h
%C%_fuzz_form_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_guid_SOURCES = %D%/fuzz_guid.c
%C%_fuzz_guid_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_hosts_SOURCES = %D%/fuzz_hosts.c
%C%_fuzz_hosts_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_http_parse_SOURCES = %D%/fuzz_http_parse.c
%C%_fuzz_http_parse_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_json_SOURCES = %D%/fuzz_json.c
%C%_fuzz_json_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_jsonl_SOURCES = %D%/fuzz_jsonl.c %D%/read_corpus.h
%C%_fuzz_jsonl_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_keys_SOURCES = %D%/fuzz_keys.c
%C%_fuzz_keys_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_learn_SOURCES = %D%/fuzz_learn.c %D%/known_model.c %D%/known_model.h
%C%_fuzz_learn_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_log_SOURCES = %D%/fuzz_log.c
%C%_fuzz_log_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_mbox_SOURCES = %D%/fuzz_mbox.c %D%/read_corpus.h
%C%_fuzz_mbox_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_multipart_SOURCES = %D%/fuzz_multipart.c %D%/check_form.h
%C%_fuzz_multipart_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_normalise_SOURCES = %D%/fuzz_normalise.c %D%/check_normal.h
%C%_fuzz_normalise_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_normalise_long_SOURCES = %D%/fuzz_normalise_long.c %D%/check_normal.h
%C%_fuzz_normalise_long_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_rules_SOURCES = %D%/fuzz_rules.c
%C%_fuzz_rules_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_snapshot_SOURCES = %D%/fuzz_snapshot.c %D%/known_model.c %D%/known_model.h
%C%_fuzz_snapshot_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_text_SOURCES = %D%/fuzz_text.c %D%/read_corpus.h
%C%_fuzz_text_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_time_SOURCES = %D%/fuzz_time.c
%C%_fuzz_time_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_tokens_SOURCES = %D%/fuzz_tokens.c %D%/known_model.c %D%/known_model.h
%C%_fuzz_tokens_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_units_SOURCES = %D%/fuzz_units.c
%C%_fuzz_units_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)
%C%_fuzz_wxr_SOURCES = %D%/fuzz_wxr.c %D%/read_corpus.h
%C%_fuzz_wxr_LDADD = $(FUZZ_MAIN) $(FUZZ_LDADD)

check_SCRIPTS += %D%/replay.sh
TESTS += %D%/replay.sh
EXTRA_DIST += %D%/replay.sh %D%/run %D%/seeds %D%/dict
