# PP_NEED(PREFIX, MODULE-SPEC, DEBIAN-PACKAGE, FEDORA-PACKAGE)
# Looks for one library by pkg-config; what is missing is collected in $pp_missing with the packages that have it.
AC_DEFUN([PP_NEED], [
  PKG_CHECK_MODULES([$1], [$2], [], [pp_missing="$pp_missing
  $2: Debian package $3, Fedora package $4"])
])

# PP_NEED_PLAIN(PREFIX, HEADER, LIBRARY, FUNCTION, DEBIAN-PACKAGE, FEDORA-PACKAGE)
# The same for a library that has no file for pkg-config. Sets PREFIX_LIBS.
AC_DEFUN([PP_NEED_PLAIN], [
  AC_CHECK_HEADER([$2],
    [AC_CHECK_LIB([$3], [$4], [AC_SUBST([$1][_LIBS], [-l$3])], [pp_absent=yes])], [pp_absent=yes])
  AS_IF([test "x$pp_absent" = xyes], [pp_missing="$pp_missing
  lib$3: Debian package $5, Fedora package $6"])
  pp_absent=
])

# PP_CFLAGS(VARIABLE, FLAGS): adds to VARIABLE those flags that the compiler takes without a warning.
AC_DEFUN([PP_CFLAGS], [
  for pp_flag in $2; do
    pp_save=$CFLAGS
    CFLAGS="$CFLAGS -Werror $pp_flag"
    AC_MSG_CHECKING([whether $CC takes $pp_flag])
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
      [AC_MSG_RESULT([yes]); $1="${$1} $pp_flag"], [AC_MSG_RESULT([no])])
    CFLAGS=$pp_save
  done
])

# PP_LDFLAGS(VARIABLE, FLAGS): the same for the linker.
AC_DEFUN([PP_LDFLAGS], [
  for pp_flag in $2; do
    pp_save=$LDFLAGS
    LDFLAGS="$LDFLAGS $pp_flag"
    AC_MSG_CHECKING([whether the linker takes $pp_flag])
    AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
      [AC_MSG_RESULT([yes]); $1="${$1} $pp_flag"], [AC_MSG_RESULT([no])])
    LDFLAGS=$pp_save
  done
])
