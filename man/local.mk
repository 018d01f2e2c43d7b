dist_man_MANS += %D%/hamlet.1 %D%/hamlet.conf.5 %D%/hamlet-rules.5 %D%/hamlet-protocol.7 %D%/hamletd.8
