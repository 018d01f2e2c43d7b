noinst_LIBRARIES += %D%/libcli.a
%C%_libcli_a_SOURCES = \
	%D%/cli.c %D%/cli.h \
	%D%/client.c %D%/client.h \
	%D%/comment_input.c %D%/comment_input.h \
	%D%/corpus_lint.c %D%/corpus_lint.h %D%/corpus_lint_json.c \
	%D%/explain.h %D%/explain_evidence.c %D%/explain_history.c %D%/explain_words.c \
	%D%/keyboard.c %D%/keyboard.h \
	%D%/models.h %D%/models_prune.c %D%/models_top.c \
	%D%/models_diff.c %D%/models_diff.h %D%/models_diff_json.c %D%/models_diff_text.c \
	%D%/eval_mistakes.c \
	%D%/eval_page.c %D%/eval_page.h \
	%D%/eval_plots.c \
	%D%/eval_style.c \
	%D%/guard.c %D%/guard.h \
	%D%/html.c %D%/html.h \
	%D%/opts.c %D%/opts.h \
	%D%/output.c %D%/output.h \
	%D%/plot.c %D%/plot.h \
	%D%/progress.c %D%/progress.h \
	%D%/report.c %D%/report.h \
	%D%/review.h %D%/review_ask.c \
	%D%/score_lines.c \
	%D%/scorer.c %D%/scorer.h \
	%D%/source.c %D%/source.h \
	%D%/table.c %D%/table.h \
	%D%/verb_audit.c \
	%D%/verb_backup.c \
	%D%/verb_check.c \
	%D%/verb_corpus.c \
	%D%/verb_eval.c \
	%D%/verb_explain.c \
	%D%/verb_export.c \
	%D%/verb_import.c \
	%D%/verb_init.c \
	%D%/verb_mark.c \
	%D%/verb_models.c \
	%D%/verb_person.c \
	%D%/verb_replay.c \
	%D%/verb_retrain.c \
	%D%/verb_review.c \
	%D%/verb_rules.c \
	%D%/verb_score.c \
	%D%/verb_sites.c \
	%D%/verb_status.c \
	%D%/verb_verdicts.c \
	%D%/verbs.c %D%/verbs.h

bin_PROGRAMS += hamlet
hamlet_SOURCES = %D%/main.c
hamlet_LDADD = %D%/libcli.a $(HAMLET_LIBS) $(FOREIGN_LIBS)
