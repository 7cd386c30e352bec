// Runs a command in a shell of any make, keeps its exit code, hands signals on, and tells of its end: by a call to a webhook,
// by a message to a Storage queue, or by both. What is secret, the address too, never becomes an argument of a process: curl
// reads it from a pipe, and GNU wget, which reads its settings from files only, from one that has no name any more. BusyBox's
// wget has no such way, and does not check certificates, so that for plain http the request is written by hand: by a program of
// nc's, as nc alone would close its side at once, which Node's servers take for the end. A body has no white space in it:
// curl's configuration ends a value there.
//
// A shell whose `wait` is ended by a signal waits once more, as the command may go on to an exit code of its own; 127 then
// says that the first `wait` had it already. One that comes before there is a command is handed on once there is.
const SCRIPT = String.raw`
u=$ACI_JOB_CALLBACK_URL t=$ACI_JOB_CALLBACK_TOKEN q=$ACI_JOB_QUEUE_URL m=$ACI_JOB_MESSAGE h=@{ACI_JOB_HELPER:-} b=@{ACI_JOB_HEARTBEAT:-0}
unset ACI_JOB_CALLBACK_URL ACI_JOB_CALLBACK_TOKEN ACI_JOB_CALLBACK_SECRET ACI_JOB_QUEUE_URL ACI_JOB_MESSAGE ACI_JOB_HELPER ACI_JOB_HEARTBEAT
has() { command -v "$1" >/dev/null 2>&1; }
post() {
  if [ -n "$h" ] || has curl; then
    {
      printf 'url="%s"\nheader="content-type: %s"\n' "$1" "$2"
      [ -z "$3" ] || printf 'header="authorization: Bearer %s"\n' "$3"
      printf 'data=%s\nmax-time=5\nfail\nsilent\n' "$4"
    } | "@{h:+$h/}curl" -q -K -
  elif has wget && wget --version 2>/dev/null | grep -q GNU; then
    (
      umask 077
      f=$(mktemp) && exec 5<>"$f" && rm "$f" || exit
      [ -z "$3" ] || printf 'header=Authorization: Bearer %s\n' "$3" >&5
      printf '%s\n' "$1" | wget -q -O - --config=/dev/fd/5 -i - --header="Content-Type: $2" --timeout=5 --tries=1 --post-data="$4"
    )
  elif has nc && [ "@{1#http://}" != "$1" ]; then
    a=@{1#http://} a=@{a%%/*} p=@{a##*:}
    [ "$p" != "$a" ] || p=80
    r=@{1#http://*/} a=$a y=$2 t=$3 j=$4 nc -w 5 "@{a%:*}" "$p" -e sh -c '
      printf "POST /%s HTTP/1.0\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %s\r\n" "$r" "$a" "$y" "@{#j}"
      [ -z "$t" ] || printf "Authorization: Bearer %s\r\n" "$t"
      printf "\r\n%s" "$j"
      timeout 5 head -n 1 | grep -q " 2"'
  fi
}
nap() { "@{h:+$h/}sleep" "$1"; }
call() { post "$@" || { nap 1; post "$@"; }; }
tell() {
  j='"type":"job.'$1'"'
  [ -z "$2" ] || j=$j',"exitCode":'$2
  [ -z "$u" ] || call "$u" application/json "$t" "{$j}"
  [ -z "$q" ] || call "$q" application/xml "" "<QueueMessage><MessageText>@{m%?},$j}</MessageText></QueueMessage>"
}
exec 3>&2 4<&0 2>/dev/null
n=0 c= p=
for g in TERM INT HUP QUIT; do trap "n=1; if [ -n \"\$c\" ]; then kill -$g \$c; else p=\"\$p $g\"; fi" $g; done
"$@" <&4 2>&3 3>&- 4<&- &
c=$!
for g in $p; do kill -$g $c; done
tell started </dev/null >/dev/null 3>&- 4<&- &
if [ "$b" -gt 0 ]; then
  while nap "$b"; do tell alive; done </dev/null >/dev/null 3>&- 4<&- &
  k=$!
fi
wait $c
s=$?
while [ $n = 1 ]; do
  n=0
  wait $c
  r=$?
  [ $r = 127 ] || s=$r
done
[ -z "$k" ] || kill $k
tell ended $s </dev/null >/dev/null 3>&- 4<&-
exit $s
`.replaceAll("@{", "${").trim();

/** Where an init container puts a shell and curl for an image that has none. */
export const HELPER_FOLDER = "/aci-lifecycle";

// The command that runs another one and tells of its end.
export function wrap(command: readonly string[], shell: string): readonly string[] {
  return [shell, "-c", SCRIPT, "aci-lifecycle", ...command];
}

// Whether a command is wrapped already: one wrapper tells all whom its environment names.
export function isWrapped(command: readonly string[]): boolean {
  return command[2] === SCRIPT;
}
