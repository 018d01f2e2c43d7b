# How well Hamlet judges, and how hard it is to fool: not a part of `make all` or `make check`, for they want real comments, which
# don't ship.  ACCURACY_FLAGS, EVASION_FLAGS: names of rows, --json, --list; see accuracy.py --help.
ACCURACY_FILES = \
	%D%/accuracy.py %D%/attacks.py %D%/evasion.py %D%/figures.py %D%/judge.py %D%/links.py %D%/poison.py %D%/protocols.py \
	%D%/rows.py %D%/table.py
EXTRA_DIST += $(ACCURACY_FILES)

.PHONY: accuracy evasion
accuracy: all
	@$(HAMLET_TEST_ENVIRONMENT) python3 '$(srcdir)/%D%/accuracy.py' $(ACCURACY_FLAGS)
evasion: all
	@$(HAMLET_TEST_ENVIRONMENT) python3 '$(srcdir)/%D%/evasion.py' $(EVASION_FLAGS)
