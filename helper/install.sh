# Runs in the init container: copies the tools to where the main container sees them.
set -eu
target=/aci-lifecycle
b=/helper/busybox
$b cp -r /helper/lib /helper/busybox /helper/certificates.pem "$target/"
$b ln -sf busybox "$target/sh"
$b ln -sf busybox "$target/sleep"
for loader in "$target"/lib/ld-linux*; do :; done
{
  echo "#!$target/sh"
  echo "exec $loader --library-path $target/lib $target/lib/curl --cacert $target/certificates.pem \"\$@\""
} >"$target/curl"
$b chmod 755 "$target/curl"
