#!/usr/bin/env python3
"""Checks a whole certificate offline: signatures, log proof, draws, attestations, verdicts. Python 3.9 or newer, nothing else.

    python3 examples/certificate/check.py .mira/network.json answer.cert.json [--response answer.md] [--at 2026-01-31T12:00:00Z]

Prints what is certified and ends with 0, or prints REFUSED, the part that does not hold, and ends with 1.
"""
import argparse
import base64
import hashlib
import json
import re
import sys
from datetime import datetime, timezone

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://mira.dev/claim-verification/v1"
VERDICTS = ("supported", "refuted", "unresolved")
BASES = ("none", "token-logprobs", "class-probabilities", "vote-share")
DRAW_LAG_MAX = 256
JOINING = (" ", "is", "are", "was", "were", "has", "have", "include", ",", ": ", "'s", "'", " \u2014 ")


class Refused(Exception):
    """Names the part that does not hold."""

    def __init__(self, part, why):
        super().__init__(f"{part}: {why}")


def require(condition, part, why):
    if not condition:
        raise Refused(part, why)


def check(network, data, now, response=None):
    """Everything, in the one order that is safe: nothing inside is looked at before the network's signature over it was verified."""
    envelope, proof = split_file(data)
    payload, signatures = read_envelope(envelope)
    message = b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)
    own = network["certificateKey"]
    require(own in signatures, "envelope.signatures", "the network's is missing")
    require(verify(decode_key(own), message, signatures[own]), "envelope", "the network's signature does not verify")
    statement = read_json(payload)
    predicate = statement.get("predicate", {})
    operators = check_members(own, signatures, message, predicate["committee"])
    place = check_log(envelope, proof, network)
    check_statement(statement, network)
    for number, draw in enumerate(predicate["draws"]):
        check_draw(f"statement.predicate.draws[{number}]", draw, predicate, network)
    decided = any(claim["verdict"] != "unresolved" for claim in predicate["claims"])
    needed = predicate["policy"]["operatorsMin"]
    require(not decided or len(operators) >= needed, "envelope.signatures", f"{len(operators)} operators signed, {needed} are needed")
    expires = read_instant(predicate["expiresAt"])
    require(now < expires, "statement.predicate.expiresAt", f"it has expired at {predicate['expiresAt']}")
    if response is not None:
        same = hashlib.sha256(response).hexdigest() == statement["subject"][0]["digest"]["sha256"]
        require(same, "statement.subject[0]", "the certificate is about another response")
        units = len(response.decode("utf-8").encode("utf-16-le")) // 2
        ends = [one["end"] for one in predicate["sentences"]]
        require(all(end <= units for end in ends), "statement.predicate.sentences", "one ends after the response")
        for number, claim in enumerate(predicate["claims"]):
            same = sha256_text(render(claim["pieces"], response)) == statement["subject"][number + 1]["digest"]["sha256"]
            require(same, f"statement.predicate.claims[{number}].pieces", "they do not give the claim's text")
    return predicate, operators, place


# ---- the file and its envelope ------------------------------------------------------------------


def split_file(data):
    lines = data.split(b"\n")
    form = len(lines) == 5 and lines[0] == b"{" and lines[3] == b"}" and lines[4] == b""
    require(form and lines[1].startswith(b'"dsse":') and lines[1].endswith(b","), "file", "not a certificate")
    require(lines[2].startswith(b'"tlogProof":"') and lines[2].endswith(b'"'), "file", "not a certificate")
    proof = lines[2][len(b'"tlogProof":"') : -1].replace(b"\\n", b"\n")
    require(b"\\" not in proof and b'"' not in proof, "tlogProof", "it is written in another form")
    try:
        return lines[1][len(b'"dsse":') : -1], proof.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("tlogProof", "it is not UTF-8") from None


def read_envelope(envelope):
    """One envelope has one text, so it is read by its form. Two readers can then not see two things in it."""
    one = rb'\{"keyid":"([1-9A-HJ-NP-Za-km-z]{32,44})","sig":"([A-Za-z0-9+/]{86}==)"\}'
    form = rb'\{"payload":"([A-Za-z0-9+/=]*)","payloadType":"([^"]*)","signatures":\[((?:%s,?)*)\]\}' % one
    match = re.fullmatch(form, envelope)
    require(match, "envelope", "it has another form")
    require(match[2] == PAYLOAD_TYPE.encode(), "envelope.payloadType", "it is another type")
    listed = re.findall(one, match[3])
    require(b",".join(b'{"keyid":"%s","sig":"%s"}' % pair for pair in listed) == match[3], "envelope.signatures", "it has another form")
    signatures = {keyid.decode(): decode64(sig, f"envelope.signatures of {keyid.decode()}") for keyid, sig in listed}
    require(len(signatures) == len(listed), "envelope.signatures", "a signer signs twice")
    return decode64(match[1], "envelope.payload"), signatures


def check_members(own, signatures, message, committee):
    """The distinct operators of members who signed. Two keys of one operator are one."""
    known = {member["validatorId"]: member["operator"] for member in committee}
    operators = set()
    for keyid, signature in signatures.items():
        if keyid == own:
            continue
        require(keyid in known, "envelope.signatures", f"{keyid} is not in the committee")
        require(verify(decode_key(keyid), message, signature), "envelope.signatures", f"the signature of {keyid} does not verify")
        operators.add(known[keyid])
    return operators


# ---- the log ------------------------------------------------------------------------------------


def check_log(envelope, proof, network):
    head, _, checkpoint = proof.partition("\n\n")
    header, *lines = head.split("\n")
    require(header == "c2sp.org/tlog-proof@v1", "tlogProof.header", "it is another format")
    require(not lines or not lines[0].startswith("extra "), "tlogProof.extra", "nothing authenticates it")
    match = re.fullmatch(r"index (0|[1-9]\d*)", lines[0] if lines else "", re.ASCII)
    require(match, "tlogProof.index", "it is not a plain decimal")
    path = [decode_hash(line, "tlogProof.path") for line in lines[1:]]
    origin = network["networkId"] + "/certificates"
    size, root = open_checkpoint(checkpoint, origin, network, "tlogProof.checkpoint")
    index = int(match[1])
    require(is_included(hash_leaf(envelope), index, size, path, root), "tlogProof", "the log does not hold this envelope there")
    return index, size


def open_checkpoint(note, origin, network, part):
    """Size and root of a log's head that the network's log key signed, and nobody else."""
    text, blank, signatures = note.partition("\n\n")
    lines = text.split("\n")
    require(blank and len(lines) == 3 and lines[0] == origin, part, "it is another log's, or of another form")
    require(re.fullmatch(r"0|[1-9]\d*", lines[1], re.ASCII), part, "its size is not a plain decimal")
    match = re.fullmatch(r"\u2014 (\S+) (\S+)\n", signatures)
    require(match and match[1] == origin, part, "it has not the log's signature alone")
    key = read_log_key(network)
    signed = decode64(match[2].encode(), part)
    key_id = hashlib.sha256(origin.encode() + b"\n\x01" + key).digest()[:4]
    require(signed[:4] == key_id and verify(key, (text + "\n").encode(), signed[4:]), part, "its signature does not verify")
    return int(lines[1]), decode_hash(lines[2], part)


def read_log_key(network):
    name, _, rest = network["logVerifierKey"].partition("+")
    material = base64.b64decode(rest.partition("+")[2])
    require(name == network["networkId"] and len(material) == 33 and material[0] == 1, "network.json", "logVerifierKey")
    return material[1:]


def hash_leaf(record):
    return hashlib.sha256(b"\x00" + record).digest()


def is_included(leaf, index, size, path, root):
    """RFC 9162, section 2.1.3.2."""
    if index >= size:
        return False
    node, last, hashed = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            hashed = hashlib.sha256(b"\x01" + sibling + hashed).digest()
            while not node & 1 and node != 0:
                node, last = node >> 1, last >> 1
        else:
            hashed = hashlib.sha256(b"\x01" + hashed + sibling).digest()
        node, last = node >> 1, last >> 1
    return last == 0 and hashed == root


# ---- what is stated -----------------------------------------------------------------------------


def check_statement(statement, network):
    require(statement["_type"] == STATEMENT_TYPE, "statement._type", "it is another type")
    require(statement["predicateType"] == PREDICATE_TYPE, "statement.predicateType", "it is another type")
    predicate, subjects = statement["predicate"], statement["subject"]
    network_id = network["networkId"]
    same = predicate["networkId"] == network_id and predicate["log"]["origin"] == network_id + "/certificates"
    require(same, "statement.predicate.networkId", "it is another network's")
    policy = predicate["policy"]
    require(sha256_text(policy["text"]) == policy["sha256"], "statement.predicate.policy.sha256", "it is not of the policy's text")
    ids = [member["validatorId"] for member in predicate["committee"]]
    require(len(set(ids)) == len(ids), "statement.predicate.committee", "a validator sits twice")
    names = ["response"] + [claim["claimId"] for claim in predicate["claims"]]
    require([one["name"] for one in subjects] == names, "statement.subject", "it is not the response and then each claim")
    require(len(set(names)) == len(names), "statement.subject", "a name stands twice")
    end = 0
    for number, sentence in enumerate(predicate["sentences"]):
        require(end <= sentence["start"] < sentence["end"], f"statement.predicate.sentences[{number}]", "it overlaps")
        end = sentence["end"]
    for number, claim in enumerate(predicate["claims"]):
        check_claim(f"statement.predicate.claims[{number}]", claim, subjects[number + 1]["digest"]["sha256"], predicate)
    check_sentences(predicate)


def check_sentences(predicate):
    """Every sentence leads to its own claims, and its verdict follows from theirs; the response says all that its sentences say."""
    sentences, claims = predicate["sentences"], predicate["claims"]
    verdicts, said = [claim["verdict"] for claim in claims], []
    for number, sentence in enumerate(sentences):
        part = f"statement.predicate.sentences[{number}]"
        structure = sentence.get("structure")
        require((structure is None) == (sentence["kind"] == "not-checkable"), part + ".structure", "what is checkable has one, and nothing else has")
        own = [at for at, claim in enumerate(claims) if find_home(sentences, claim) is sentence]
        named = set() if structure is None else {at for at in list_claims(structure)}
        require(named == set(own), part + ".structure", "it does not lead to the claims of its sentence")
        needed = None if structure is None else recombine(structure, verdicts)
        require(sentence.get("verdict") == needed, part + ".verdict", f"it does not follow from the verdicts on its claims: needed {needed}")
        said += [] if needed is None else [needed]
    needed = join(said, "refuted", "supported")
    require(predicate["verdict"] == needed, "statement.predicate.verdict", f"it does not follow from those on the sentences: needed {needed}")


def find_home(sentences, claim):
    homes = [one for one in sentences if one["kind"] == "claim" and one["start"] <= claim["start"] and claim["end"] <= one["end"]]
    return homes[0] if homes else None


def list_claims(structure, levels=24):
    require(levels > 0, "statement.predicate.sentences", "a structure is too deep")
    if structure["kind"] == "claim":
        return [structure["claim"]]
    parts = [structure["part"]] if structure["kind"] == "within" else structure.get("parts", [])
    return [claim for part in parts for claim in list_claims(part, levels - 1)]


def recombine(structure, verdicts):
    """Kleene's strong three-valued logic; what governs all below stands in each claim's text, so verdicts pass through it."""
    kind = structure["kind"]
    if kind == "claim":
        return verdicts[structure["claim"]]
    if kind == "within":
        return recombine(structure["part"], verdicts)
    if kind == "open":
        return "unresolved"
    require(kind in ("all", "any"), "statement.predicate.sentences", f"a structure is of no known kind: {kind}")
    decisive, common = ("refuted", "supported") if kind == "all" else ("supported", "refuted")
    return join([recombine(part, verdicts) for part in structure["parts"]], decisive, common)


def join(found, decisive, common):
    if decisive in found:
        return decisive
    return common if found and all(verdict == common for verdict in found) else "unresolved"


def render(pieces, response):
    """A claim's text. Offsets count UTF-16 code units; half a character is replaced, as it is in digests."""
    units = response.decode("utf-8").encode("utf-16-le")
    data = b"".join(
        piece["insert"].encode("utf-16-le") if "insert" in piece else units[2 * piece["start"] : 2 * piece["end"]] for piece in pieces
    )
    return re.sub("[\ud800-\udfff]", "\ufffd", data.decode("utf-16-le", "surrogatepass"))


def check_pieces(part, claim, home, decomposer):
    """Words of the response, which only the response can show, and what was put in between: by rules, out of a closed list."""
    length = 0
    for piece in claim["pieces"]:
        if "insert" in piece:
            known = not decomposer["id"].startswith("rules@") or piece["insert"] in JOINING
            require(known, part, "rules put in joining words alone")
            end = length + units_of(piece["insert"])
            written = claim.get("text", "").encode("utf-16-le")[2 * length : 2 * end].decode("utf-16-le", "replace")
            require("text" not in claim or written == piece["insert"], part, "they do not give the claim's text")
            length = end
            continue
        require(piece["start"] < piece["end"], part, "one has no words")
        here = home["start"] <= piece["start"] and piece["end"] <= home["end"]
        require(not here or claim["start"] <= piece["start"] and piece["end"] <= claim["end"], part, "one lies outside of the claim")
        length += piece["end"] - piece["start"]
    require("text" not in claim or units_of(claim["text"]) == length, part, "they do not give the claim's text")


def units_of(text):
    return len(text.encode("utf-16-le")) // 2


def check_claim(part, claim, digest, predicate):
    home = find_home(predicate["sentences"], claim)
    require(home and claim["start"] < claim["end"], part, "it stands in no sentence that makes a claim")
    check_pieces(part + ".pieces", claim, home, predicate["decomposer"])
    require("text" not in claim or sha256_text(claim["text"]) == digest, part + ".text", "its digest is not the subject's")
    stakes = {member["validatorId"]: int(member["stakeUnits"]) for member in predicate["committee"]}
    assigned = claim.get("assigned", list(stakes))
    require(all(one in stakes for one in assigned), part + ".assigned", "it names no member")
    seen = set()
    for number, attestation in enumerate(claim["attestations"]):
        where = f"{part}.attestations[{number}]"
        validator = attestation["validatorId"]
        require(validator in assigned and validator not in seen, where, "not of a member, or a second one")
        seen.add(validator)
        check_attestation(where, attestation, claim["claimId"], digest, predicate)
    if claim["verdict"] == "unresolved":
        return
    require("withheld" not in predicate, part + ".verdict", "nothing may be decided where verdicts are withheld")
    require(claim["method"] == "stake-weighted@1", part + ".method", "it is unknown")
    verdict, confidence = weigh_stake(part, claim, {one: stakes[one] for one in assigned})
    follows = verdict == claim["verdict"] and abs(confidence - claim["confidence"]) <= 1e-9
    require(follows, part + ".verdict", f"it does not follow from the attestations: needed {verdict} {confidence}")
    sure = claim.get("calibrated", claim)["confidence"]
    require(sure >= predicate["policy"]["confidenceMin"], part + ".verdict", "it is less sure than the policy asks")


def weigh_stake(part, claim, stakes):
    total = sum(stakes.values())
    sides = {verdict: 0 for verdict in VERDICTS}
    sure = {verdict: 0 for verdict in VERDICTS}
    for one in claim["attestations"]:
        require(one["weight"] == str(stakes[one["validatorId"]]), part + ".verdict", "a weight is not the stake")
        sides[one["verdict"]] += int(one["weight"])
        sure[one["verdict"]] += int(one["weight"]) * one["confidenceBps"]
    supported, refuted = sides["supported"], sides["refuted"]
    if 3 * (supported + refuted) <= 2 * total or supported == refuted:
        return "unresolved", 0
    verdict = "supported" if supported > refuted else "refuted"
    return verdict, sure[verdict] // total / 10_000


def check_attestation(part, attestation, claim_id, digest, predicate):
    data = decode64(attestation["attestation"].encode(), part)
    reader = Reader(data, part)
    require(reader.text() == "mira:attestation:v1", part, "it is another kind of message")
    about = [reader.text(), reader.text(), reader.text(), reader.take(32).hex(), reader.text()]
    verdict, bps, evidence = reader.integer(1), reader.integer(4), reader.take(32)
    reader.end()
    validator = attestation["validatorId"]
    needed = [predicate["networkId"], predicate["verificationId"], claim_id, digest, validator]
    require(about == needed, part, "it is about something else")
    shown = [attestation["verdict"], attestation["confidenceBps"]]
    require(verdict < 3 and [VERDICTS[verdict], bps] == shown, part, "its verdict is not the signed one")
    if "evidence" in attestation:
        same = hashlib.sha256(encode_evidence(attestation["evidence"])).digest() == evidence
        require(same, part, "its evidence is not the signed one")
    signature = decode64(attestation["signature"].encode(), part)
    require(verify(decode_key(validator), data, signature), part, "its signature does not verify")


def encode_evidence(items):
    """Evidence of models has a version of its own: what the model said about its run is signed, too."""
    with_model = any("model" in item for item in items)
    out = encode_text("mira:evidence:v2" if with_model else "mira:evidence:v1") + encode_u32(len(items))
    for item in items:
        out += encode_text(item["checker"]) + bytes([VERDICTS.index(item["verdict"])]) + encode_text(item["witness"])
        run = item.get("model")
        out += bytes([run is not None]) if with_model else b""
        if run is not None:
            out += b"".join(encode_text(run[key]) for key in ("model", "modelDigest", "promptDigest", "transcriptDigest"))
            out += bytes([BASES.index(run["confidenceBasis"])])
            counts = ("supportedBps", "refutedBps", "unresolvedBps", "samples", "inputTokens", "outputTokens")
            out += b"".join(encode_u32(run[key]) for key in counts)
            out += bytes([run["instructionLike"]]) + encode_text(run["untrustedRationale"])
    return out


def check_draw(part, draw, predicate, network):
    """That the draw was fixed in the audit log before the checkpoint its seed is made from."""
    network_id = network["networkId"]
    size, root = open_checkpoint(draw["checkpoint"], network_id, network, part + ".checkpoint")
    entry, index = decode64(draw["fixed"]["entry"].encode(), part), draw["fixed"]["index"]
    path = [decode_hash(one, part) for one in draw["fixed"]["path"]]
    require(is_included(hash_leaf(entry), index, size, path, root), part, "what fixed it is not under its checkpoint")
    require(size <= index + 1 + DRAW_LAG_MAX, part, "its checkpoint is not the next one after it was fixed")
    reader = Reader(entry, part)
    head = [reader.text() for _ in range(4)]
    reader.integer(8)
    fields = {reader.text(): reader.text() for _ in range(reader.integer(4))}
    reader.end()
    verification = predicate["verificationId"]
    subject = f"draw/{verification}/{draw['round']}/{draw['attempt']}"
    require(head == ["mira:audit:v1", network_id, "draw.fixed", subject], part, "the entry is about something else")
    terms = encode_text("mira:draw-terms:v1") + encode_text(network_id) + encode_text(verification)
    terms += encode_u32(draw["round"]) + encode_u32(draw["attempt"]) + encode_text(draw["policy"])
    terms += b"".join(encode_u32(draw[key]) for key in ("seats", "operatorSeatsMax", "familySeatsMax"))
    terms += bytes.fromhex(draw["claimsSha256"]) + bytes.fromhex(draw["candidatesSha256"])
    terms += hashlib.sha256(bytes.fromhex(draw["nonce"])).digest() + encode_u32(len(draw["seated"]))
    terms += b"".join(encode_text(one) for one in draw["seated"])
    fixed = fields.get("terms sha256") == hashlib.sha256(terms).hexdigest()
    require(fixed, part, "its terms are not those that were fixed")


# ---- encodings ----------------------------------------------------------------------------------


def read_json(data):
    """JSON in which no key stands twice and no number is beyond what everyone can hold."""

    def members(pairs):
        found = dict(pairs)
        require(len(found) == len(pairs), "statement", "a key stands twice")
        return found

    def integer(digits):
        require(abs(int(digits)) < 2**53, "statement", "a number is too large")
        return int(digits)

    def constant(name):
        raise Refused("statement", f"{name} is not JSON")

    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=members, parse_int=integer, parse_constant=constant)
    except (ValueError, RecursionError) as error:
        raise Refused("statement", str(error)) from None


class Reader:
    """Canonical bytes: integers are big-endian, texts carry a 32-bit length."""

    def __init__(self, data, part):
        self.data, self.at, self.part = data, 0, part

    def take(self, length):
        require(self.at + length <= len(self.data), self.part, "it is cut short")
        self.at += length
        return self.data[self.at - length : self.at]

    def integer(self, length):
        return int.from_bytes(self.take(length), "big")

    def text(self):
        try:
            return self.take(self.integer(4)).decode("utf-8")
        except UnicodeDecodeError:
            raise Refused(self.part, "a text is not UTF-8") from None

    def end(self):
        require(self.at == len(self.data), self.part, "something follows")


def encode_u32(value):
    return value.to_bytes(4, "big")


def encode_text(text):
    data = text.encode("utf-8")
    return encode_u32(len(data)) + data


def sha256_text(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def decode64(text, part):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        data = None
    require(data is not None and base64.b64encode(data) == text, part, "it is not canonical base64")
    return data


def decode_hash(text, part):
    data = decode64(text.encode("utf-8"), part)
    require(len(data) == 32, part, "a hash has 32 bytes")
    return data


def decode_key(text):
    """32 bytes from base58."""
    value = 0
    for char in text:
        value = value * 58 + "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".index(char)
    require(value < 2**256, text, "it is not a key")
    return value.to_bytes(32, "big")


def read_instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)


# ---- Ed25519, RFC 8032 section 5.1, verification only -------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def verify(key, message, signature):
    if len(key) != 32 or len(signature) != 64:
        return False
    point = decompress(key)
    s = int.from_bytes(signature[32:], "little")
    if point is None or s >= L:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    h = int.from_bytes(digest, "little") % L
    x, y, z, t = point
    # [s]B - [h]A must encode to the signature's first half.
    return compress(add(multiply(s, BASE), multiply(h, (P - x, y, z, P - t)))) == signature[:32]


def add(left, right):
    a = (left[1] - left[0]) * (right[1] - right[0]) % P
    b = (left[1] + left[0]) * (right[1] + right[0]) % P
    c = 2 * left[3] * right[3] * D % P
    d = 2 * left[2] * right[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def compress(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decompress(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * ROOT % P
    if (x * x - square) % P != 0 or (x == 0 and sign == 1):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def main():
    parser = argparse.ArgumentParser(description="Checks a certificate offline.")
    parser.add_argument("network", help="network.json: networkId, logVerifierKey, certificateKey")
    parser.add_argument("certificate")
    parser.add_argument("--response", help="the file that was verified")
    parser.add_argument("--at", type=read_instant, default=datetime.now(timezone.utc), help="the instant it should hold at")
    options = parser.parse_args()
    with open(options.network, encoding="utf-8") as file:
        network = json.load(file)
    with open(options.certificate, "rb") as file:
        data = file.read()
    response = None
    if options.response:
        with open(options.response, "rb") as file:
            response = file.read()
    try:
        predicate, operators, (index, size) = check(network, data, options.at, response)
    except Refused as refused:
        print(f"REFUSED {refused}", file=sys.stderr)
        return 1
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        # Of a form that its own network would not sign.
        print(f"REFUSED statement: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    for claim in predicate["claims"]:
        print(f"{claim['verdict']} ({claim['confidence']}): {claim.get('text', claim['claimId'])}")
    print(f"{predicate['verdict']} as a whole, taken apart by {predicate['decomposer']['id']}")
    print(f"HOLDS {len(operators)} operators signed, entry {index} of {size}, until {predicate['expiresAt']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
