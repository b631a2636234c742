#!/bin/sh
# Checks a certificate's signatures with openssl and the tools of any Unix: the network's, then each validator's, then the quorum.
#
#   sh examples/certificate/check-envelope.sh .mira/network.json answer.cert.json
#
# What it does not look at: the log proof (see log-proof/) and whether the verdicts follow (see check.py).
set -eu
LC_ALL=C
export LC_ALL
[ $# -eq 2 ] || { echo "usage: $0 network.json certificate.json" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "REFUSED $1" >&2
  exit 1
}

# 32 bytes of a base58 text, as a public key that openssl reads.
write_key() {
  octal=$(printf '%s\n' "$1" | awk '{
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    for (i = 0; i < 32; i++) byte[i] = 0
    for (at = 1; at <= length($0); at++) {
      carry = index(alphabet, substr($0, at, 1)) - 1
      if (carry < 0) exit 1
      for (i = 31; i >= 0; i--) { carry += byte[i] * 58; byte[i] = carry % 256; carry = int(carry / 256) }
      if (carry > 0) exit 1
    }
    for (i = 0; i < 32; i++) printf "\\%03o", byte[i]
  }') || return 1
  # shellcheck disable=SC2059
  { printf '\060\052\060\005\006\003\053\145\160\003\041\000'; printf "$octal"; } > "$work/key.der"
}

# Standard base64 in its one form: what it decodes to encodes to the same text.
decode() {
  openssl base64 -d -A -in "$1" -out "$2" 2>/dev/null || return 1
  [ "$(openssl base64 -A -in "$2")" = "$(cat "$1")" ]
}

verifies() {
  write_key "$1" || return 1
  printf '%s' "$2" > "$work/sig.txt"
  decode "$work/sig.txt" "$work/sig" || return 1
  openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey "$work/key.der" \
    -sigfile "$work/sig" -in "$work/pae" > /dev/null 2>&1
}

# The envelope is the second line, without its name and the last comma.
envelope=$(sed -n '2s/^"dsse":\(.*\),$/\1/p' "$2")
[ -n "$envelope" ] || fail "file: the second line is not an envelope"
form='^{"payload":"[A-Za-z0-9+/=]*","payloadType":"application/vnd.in-toto+json","signatures":\[\({"keyid":"[1-9A-HJ-NP-Za-km-z]*","sig":"[A-Za-z0-9+/=]*"},*\)*]}$'
printf '%s\n' "$envelope" | grep -q "$form" || fail "envelope: it has another form"

printf '%s' "$envelope" | sed 's/^{"payload":"\([^"]*\)".*/\1/' | tr -d '\n' > "$work/payload.txt"
decode "$work/payload.txt" "$work/payload" || fail "envelope.payload: not canonical base64"
{ printf 'DSSEv1 28 application/vnd.in-toto+json %d ' "$(wc -c < "$work/payload")"; cat "$work/payload"; } > "$work/pae"
printf '%s\n' "$envelope" | sed 's/.*"signatures"://' | tr '{' '\n' |
  sed -n 's/^"keyid":"\([^"]*\)","sig":"\([^"]*\)".*/\1 \2/p' > "$work/signatures"
[ "$(cut -d' ' -f1 "$work/signatures" | sort | uniq -d | wc -l)" -eq 0 ] || fail "envelope.signatures: a signer signs twice"

# The network's signature comes before anything inside is looked at.
network=$(sed -n 's/.*"certificateKey": *"\([1-9A-HJ-NP-Za-km-z]*\)".*/\1/p' "$1")
[ -n "$network" ] || fail "network.json: it has no certificateKey"
own=$(sed -n "s/^$network //p" "$work/signatures")
[ -n "$own" ] || fail "envelope.signatures: the network's is missing"
verifies "$network" "$own" || fail "envelope: the network's signature does not verify over the payload"
echo "network $network: signature verifies"

# From here on the payload is the network's own words.
grep -o '"validatorId":"[1-9A-HJ-NP-Za-km-z]*","operator":"[1-9A-HJ-NP-Za-km-z]*"' "$work/payload" |
  sed 's/"validatorId":"\([^"]*\)","operator":"\([^"]*\)"/\1 \2/' > "$work/committee"
: > "$work/operators"
while read -r keyid sig; do
  [ "$keyid" = "$network" ] && continue
  operator=$(sed -n "s/^$keyid //p" "$work/committee")
  [ -n "$operator" ] || fail "envelope.signatures: $keyid is not in the committee"
  verifies "$keyid" "$sig" || fail "envelope.signatures: the signature of $keyid does not verify"
  echo "$operator" >> "$work/operators"
  echo "validator $keyid of operator $operator: signature verifies"
done < "$work/signatures"

# Two keys of one operator are one; where nothing is decided, the network alone may say so.
signed=$(sort -u "$work/operators" | wc -l)
needed=$(sed -n 's/.*"operatorsMin":\([0-9]*\).*/\1/p' "$work/payload")
decided=$(grep -c '"verdict":"\(supported\|refuted\)","method"' "$work/payload" || true)
[ "$signed" -ge "${needed:-1}" ] || [ "$decided" -eq 0 ] || fail "envelope.signatures: $signed operators signed, $needed are needed"
echo "HOLDS $signed operators signed"
