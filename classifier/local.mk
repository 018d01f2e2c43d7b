noinst_LIBRARIES += %D%/libclassifier.a
%C%_libclassifier_a_SOURCES = \
	%D%/classify.c %D%/classify.h \
	%D%/comment.c %D%/comment.h \
	%D%/count_tokens.c %D%/count_tokens.h \
	%D%/counts.c %D%/counts.h \
	%D%/decide.c %D%/decide.h \
	%D%/delta.c \
	%D%/entity.c %D%/entity.h \
	%D%/evidence.c %D%/evidence.h \
	%D%/fit.c %D%/fit.h %D%/fit_rows.c %D%/fit_rows.h \
	%D%/fold.c %D%/fold.h \
	%D%/hashed.c %D%/hashed.h \
	%D%/left_out.c %D%/left_out.h \
	%D%/logistic.c %D%/logistic.h \
	%D%/lone.c %D%/lone.h \
	%D%/merge.c %D%/merge.h \
	%D%/model.c %D%/model.h %D%/model_impl.h \
	%D%/model_tokens.c %D%/model_tokens.h \
	%D%/markup.c %D%/markup.h \
	%D%/normal.c %D%/normal.h \
	%D%/override.c %D%/override.h \
	%D%/own.c %D%/own.h \
	%D%/padding.c %D%/padding.h \
	%D%/phrases.c %D%/phrases.h \
	%D%/place.c \
	%D%/plain.c %D%/plain.h \
	%D%/rank.c \
	%D%/ratios.c %D%/ratios.h \
	%D%/rows.c %D%/rows.h \
	%D%/rx.c %D%/rx.h \
	%D%/section.c %D%/section.h \
	%D%/selection.c %D%/selection.h \
	%D%/snapshot.c %D%/snapshot.h \
	%D%/sources.c %D%/sources.h \
	%D%/strangers.c %D%/strangers.h \
	%D%/strip.h \
	%D%/lookup.c %D%/lookup.h \
	%D%/token.c %D%/token.h %D%/token_fields.c %D%/token_impl.h \
	%D%/token_leet.c %D%/token_links.c %D%/token_profile.c %D%/token_spaced.c %D%/token_words.c \
	%D%/totals.c %D%/totals.h \
	%D%/train.c %D%/train.h \
	%D%/units.c \
	%D%/vocabulary.c %D%/vocabulary.h \
	%D%/walk.c %D%/walk.h \
	%D%/weigh.c %D%/weigh.h \
	%D%/window.c %D%/window.h
%C%_libclassifier_a_CPPFLAGS = $(AM_CPPFLAGS) $(PCRE2_CFLAGS) $(UTF8PROC_CFLAGS) $(XXHASH_CFLAGS)
