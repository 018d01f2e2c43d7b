# Hook-ups, and a unit, to copy from: installed as they lie here, in $(pkgdatadir)/contrib.
hookupsdir = $(pkgdatadir)
nobase_dist_hookups_DATA = \
	%D%/clients/README.md \
	%D%/clients/hamlet.js \
	%D%/clients/hamlet.php \
	%D%/clients/hamlet.py \
	%D%/moderate/README.md \
	%D%/nginx/README.md \
	%D%/nginx/hamlet-tls.conf \
	%D%/systemd/hamletd.service \
	%D%/wordpress/README.md \
	%D%/wordpress/hamlet.php
nobase_dist_hookups_SCRIPTS = \
	%D%/clients/hamlet.sh \
	%D%/moderate/moderate.py \
	%D%/nginx/make-certificate
