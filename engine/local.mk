noinst_LIBRARIES += %D%/libengine.a
%C%_libengine_a_SOURCES = \
	%D%/blogspam.c %D%/blogspam.h %D%/blogspam_tests.c \
	%D%/blogspam_options.c %D%/blogspam_options.h \
	%D%/blogspam_words.c %D%/blogspam_words.h \
	%D%/address.c %D%/address.h \
	%D%/audit.c %D%/audit.h \
	%D%/backup.c %D%/backup.h %D%/backup_files.c %D%/backup_rules.c %D%/backup_impl.h \
	%D%/change.c %D%/change.h \
	%D%/check.c %D%/check.h \
	%D%/daily.c %D%/daily.h \
	%D%/drift.c %D%/drift.h \
	%D%/engine.h \
	%D%/evaluate.c %D%/evaluate.h \
	%D%/example.c %D%/example.h \
	%D%/feedback.c %D%/feedback.h \
	%D%/findings.c %D%/findings.h \
	%D%/fingerprint.c %D%/fingerprint.h \
	%D%/flood.c %D%/flood.h %D%/flood_file.c %D%/flood_impl.h \
	%D%/folders.c %D%/folders.h \
	%D%/gate.c %D%/gate.h \
	%D%/hosts.c %D%/hosts.h \
	%D%/forget.c %D%/forget.h \
	%D%/import.c %D%/import.h \
	%D%/init.c %D%/init.h \
	%D%/label_noise.c %D%/label_noise.h \
	%D%/learn.c %D%/learn.h \
	%D%/measure.c \
	%D%/mix.c %D%/mix.h \
	%D%/model_diff.c %D%/model_diff.h %D%/verdict_diff.c \
	%D%/outlook.c %D%/outlook.h \
	%D%/person.c %D%/person.h %D%/person_erase.c %D%/person_export.c %D%/person_impl.h \
	%D%/poison.c %D%/poison.h \
	%D%/prune.c \
	%D%/ranking.c %D%/ranking.h \
	%D%/recompute.c %D%/recompute.h \
	%D%/registry.c %D%/registry.h \
	%D%/retention.c %D%/retention.h \
	%D%/replay.c %D%/replay.h \
	%D%/retrain.c \
	%D%/review.c %D%/review.h %D%/review_clusters.c %D%/review_clusters.h \
	%D%/set_digest.c %D%/set_digest.h \
	%D%/rules.c %D%/rules.h %D%/rules_impl.h %D%/rules_match.c %D%/rules_parse.c %D%/rules_values.c \
	%D%/scrub.c %D%/scrub.h \
	%D%/shelf.c %D%/shelf.h \
	%D%/settings.c %D%/settings.h %D%/settings_file.c %D%/settings_impl.h \
	%D%/settings_sites.c %D%/settings_span.c %D%/settings_value.c \
	%D%/shipped.c %D%/shipped.h \
	%D%/site_admin.c \
	%D%/site_key.c %D%/site_key.h \
	%D%/sites.c %D%/sites.h \
	%D%/state.c \
	%D%/take_back.c %D%/take_back.h \
	%D%/subject.c %D%/subject.h \
	%D%/teach.c %D%/teach.h \
	%D%/telling.c %D%/telling.h \
	%D%/trainset.c %D%/trainset.h \
	%D%/unfiled.c %D%/unfiled.h
%C%_libengine_a_CPPFLAGS = $(AM_CPPFLAGS) $(CONFUSE_CFLAGS) \
	-DHAMLET_CORPUS_DIR=\"$(pkgdatadir)/corpus\" \
	-DHAMLET_STATE_DIR=\"/var/lib/hamlet\"
