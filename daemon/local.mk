noinst_LIBRARIES += %D%/libdaemon.a
%C%_libdaemon_a_SOURCES = \
	%D%/accept.c %D%/accept.h \
	%D%/admin.c %D%/admin.h \
	%D%/akismet.c %D%/akismet.h %D%/akismet_account.c %D%/akismet_sites.c %D%/akismet_stats.c \
	%D%/akismet_fields.c %D%/akismet_fields.h \
	%D%/blogspam.c %D%/blogspam.h \
	%D%/call.c %D%/call.h \
	%D%/charset.c %D%/charset.h \
	%D%/drift_watch.c %D%/drift_watch.h \
	%D%/filing.c %D%/filing.h \
	%D%/first_world.c %D%/first_world.h \
	%D%/flood_keep.c %D%/flood_keep.h \
	%D%/form.c %D%/form.h \
	%D%/hamletd.c %D%/hamletd.h \
	%D%/health.c %D%/health.h \
	%D%/http.c %D%/http.h %D%/http_conn.c %D%/http_impl.h %D%/http_refuse.c %D%/http_reply.c \
	%D%/http_fields.c %D%/http_fields.h \
	%D%/http_parse.c %D%/http_parse.h \
	%D%/judge.c %D%/judge.h \
	%D%/keeper.c %D%/keeper.h \
	%D%/key.c %D%/key.h \
	%D%/listen.c %D%/listen.h \
	%D%/loop.c %D%/loop.h \
	%D%/metrics.c %D%/metrics.h \
	%D%/native.c %D%/native.h \
	%D%/next_model.c %D%/next_model.h \
	%D%/options.c %D%/options.h \
	%D%/peer.c %D%/peer.h \
	%D%/percent.c %D%/percent.h \
	%D%/period.c %D%/period.h \
	%D%/privacy.c %D%/privacy.h %D%/privacy_html.c %D%/privacy_impl.h %D%/privacy_json.c \
	%D%/privacy_words.c %D%/privacy_words.h \
	%D%/purge.c %D%/purge.h \
	%D%/rate.c %D%/rate.h \
	%D%/reader.c %D%/reader.h \
	%D%/route.c %D%/route.h \
	%D%/rewrite.c %D%/rewrite.h \
	%D%/rules_record.c %D%/rules_record.h \
	%D%/systemd.c %D%/systemd.h \
	%D%/world.c %D%/world.h
%C%_libdaemon_a_CPPFLAGS = $(AM_CPPFLAGS) $(LIBEVENT_CFLAGS)

sbin_PROGRAMS += hamletd
hamletd_SOURCES = %D%/main.c
hamletd_LDADD = %D%/libdaemon.a $(HAMLET_LIBS) $(LIBEVENT_LIBS) $(FOREIGN_LIBS)
