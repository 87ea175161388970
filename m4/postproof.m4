# PP_NEED(PREFIX, MODULE-SPEC, DEBIAN-PACKAGE, FEDORA-PACKAGE)
# Looks for one library by pkg-config; what is missing is collected in $pp_missing with the packages that have it.
AC_DEFUN([PP_NEED], [
  PKG_CHECK_MODULES([$1], [$2], [], [pp_missing="$pp_missing
  $2: Debian package $3, Fedora package $4"])
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
