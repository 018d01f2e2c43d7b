EXTRA_DIST += %D%/systemd/hamletd.service
