# postproof.ini(5) is put together when it is built: its keys are printed by the table that the program itself reads by.
dist_doc_DATA = config.example.ini
dist_man1_MANS = man/postproof.1
nodist_man5_MANS = man/postproof.ini.5
EXTRA_DIST += man/postproof.ini.5.in
CLEANFILES += man/postproof.ini.5

noinst_PROGRAMS = man/ini_keys
man_ini_keys_LDADD = libpostproof.a $(LIBS_ALL)

man/postproof.ini.5: man/postproof.ini.5.in man/ini_keys$(EXEEXT)
	$(AM_V_GEN)man/ini_keys$(EXEEXT) <$(srcdir)/man/postproof.ini.5.in >$@.tmp && mv $@.tmp $@

dist_check_SCRIPTS = man/check
TESTS += man/check
