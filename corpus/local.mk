noinst_LIBRARIES += %D%/libcorpus.a
%C%_libcorpus_a_SOURCES = \
	%D%/clusters.h \
	%D%/comment_json.c %D%/comment_json.h \
	%D%/corpus.c %D%/corpus.h \
	%D%/csv.c \
	%D%/input.c %D%/input.h \
	%D%/jsonl.c \
	%D%/lint.c %D%/lint.h \
	%D%/mbox.c \
	%D%/mime.c %D%/mime.h \
	%D%/near_duplicates.c %D%/near_duplicates.h \
	%D%/reader.c %D%/reader.h \
	%D%/summary.c %D%/summary.h \
	%D%/text.c \
	%D%/wxr.c
%C%_libcorpus_a_CPPFLAGS = $(AM_CPPFLAGS) $(EXPAT_CFLAGS)

# The shipped corpus: our own writing, see corpus/data/README.md.
corpusdir = $(pkgdatadir)/corpus
dist_corpus_DATA = \
	%D%/data/README.md \
	%D%/data/asia.jsonl \
	%D%/data/blog-links.jsonl \
	%D%/data/east-a.jsonl \
	%D%/data/east-b.jsonl \
	%D%/data/east.jsonl \
	%D%/data/en-blog-mixed.jsonl \
	%D%/data/en-ham-debate.jsonl \
	%D%/data/en-ham-everyday.jsonl \
	%D%/data/en-ham-readers.jsonl \
	%D%/data/en-ham-tech-video.jsonl \
	%D%/data/en-hard.jsonl \
	%D%/data/en-spam-blog.jsonl \
	%D%/data/en-spam-message.jsonl \
	%D%/data/en-spam-social.jsonl \
	%D%/data/families.jsonl \
	%D%/data/ham-links.jsonl \
	%D%/data/languages.jsonl \
	%D%/data/look-alikes.jsonl \
	%D%/data/social-languages.jsonl \
	%D%/data/social-world.jsonl \
	%D%/data/under-videos-languages.jsonl \
	%D%/data/under-videos.jsonl \
	%D%/data/video-promotion.jsonl \
	%D%/data/video.jsonl \
	%D%/data/west.jsonl \
	%D%/data/world.jsonl
