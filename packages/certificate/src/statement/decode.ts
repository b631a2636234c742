/** A statement's bytes: written in one way, and read strictly; whatever is unknown, missing or out of range has its path named. */
import { decodeKey, encodeUtf8, invariant, succeed } from "@mira/primitives";
import { PREDICATE_TYPE, STATEMENT_TYPE } from "../constants.ts";
import { readObject, ShapeError, type ObjectReader } from "../json/object-reader.ts";
import { JsonError, parseJson } from "../json/parse-json.ts";
import { refusePart, type CertificateResult } from "../part.ts";
import { readClaim, VERDICTS } from "./decode-claim.ts";
import { readSentence } from "./decode-sentence.ts";
import { BASE58, BASE64, CLAIMS_MAX, COUNT, DECIMAL_UNITS, ID, INSTANT, SHA256, TEXT_MAX } from "./rules.ts";
import type {
  CertificateMember,
  CertificateDecomposer,
  CertificateDraw,
  Statement,
  StatementSubject,
  VerificationPredicate,
} from "./types.ts";

const SENTENCES_MAX = 65_536;
const COMMITTEE_MAX = 1_024;
const SOURCES_MAX = 1_024;
const DRAWS_MAX = 16;
/** A tree of 2^53 leaves has no longer path. */
const PATH_MAX = 53;

export function encodeStatement(statement: Statement): Uint8Array {
  // Half a character, as a cut text may have at its end, is replaced just as in the digests of such texts.
  const bytes = encodeUtf8(
    JSON.stringify(statement, (_, value: unknown) =>
      typeof value === "string" ? value.toWellFormed() : value,
    ),
  );
  const read = decodeStatement(bytes);
  invariant(
    read.ok,
    () => `a statement is written in the form it is read in (${read.ok ? "" : read.message})`,
  );
  return bytes;
}

/** Call it on bytes whose signature was verified. */
export function decodeStatement(bytes: Uint8Array): CertificateResult<Statement> {
  try {
    return succeed(readObject(parseJson(bytes), "statement", readStatement));
  } catch (error) {
    if (error instanceof JsonError) return refusePart("statement", error.message);
    if (error instanceof ShapeError) return refusePart(error.path, error.message);
    throw error;
  }
}

function readStatement(reader: ObjectReader): Statement {
  return {
    _type: reader.oneOf("_type", [STATEMENT_TYPE]),
    subject: reader.list("subject", { min: 1, max: CLAIMS_MAX + 1 }, readSubject),
    predicateType: reader.oneOf("predicateType", [PREDICATE_TYPE]),
    predicate: reader.object("predicate", readPredicate),
  };
}

function readSubject(reader: ObjectReader): StatementSubject {
  return {
    name: reader.text("name", ID),
    digest: reader.object("digest", (digest) => ({ sha256: digest.text("sha256", SHA256) })),
  };
}

function readPredicate(reader: ObjectReader): VerificationPredicate {
  const withheld = reader.optional("withheld", (key) => reader.text(key, TEXT_MAX));
  return {
    networkId: reader.text("networkId", ID),
    verificationId: reader.text("verificationId", ID),
    issuedAt: reader.text("issuedAt", INSTANT),
    expiresAt: reader.text("expiresAt", INSTANT),
    log: reader.object("log", (log) => ({ origin: log.text("origin", ID) })),
    policy: reader.object("policy", (policy) => ({
      id: policy.text("id", ID),
      text: policy.text("text", TEXT_MAX),
      sha256: policy.text("sha256", SHA256),
      confidenceMin: policy.number("confidenceMin", { min: 0, max: 1 }),
      operatorsMin: policy.integer("operatorsMin", { min: 1, max: COMMITTEE_MAX }),
    })),
    draws: reader.list("draws", { max: DRAWS_MAX }, readDraw),
    committee: reader.list("committee", { max: COMMITTEE_MAX }, readMember),
    sources: reader.list("sources", { max: SOURCES_MAX }, (source) => ({
      sourceId: source.text("sourceId", { charsMax: 1_024 }),
      sha256: source.text("sha256", SHA256),
    })),
    decomposer: reader.object("decomposer", readDecomposer),
    verdict: reader.oneOf("verdict", VERDICTS),
    sentences: reader.list("sentences", { max: SENTENCES_MAX }, readSentence),
    claims: reader.list("claims", { max: CLAIMS_MAX }, readClaim),
    ...(withheld === undefined ? {} : { withheld }),
  };
}

function readDraw(reader: ObjectReader): CertificateDraw {
  return {
    round: reader.integer("round", COUNT),
    attempt: reader.integer("attempt", COUNT),
    policy: reader.text("policy", ID),
    seats: reader.integer("seats", COUNT),
    operatorSeatsMax: reader.integer("operatorSeatsMax", COUNT),
    familySeatsMax: reader.integer("familySeatsMax", COUNT),
    claimsSha256: reader.text("claimsSha256", SHA256),
    candidatesSha256: reader.text("candidatesSha256", SHA256),
    nonce: reader.text("nonce", SHA256),
    seated: reader.texts("seated", { ...BASE58, max: COMMITTEE_MAX }),
    fixed: reader.object("fixed", (fixed) => ({
      entry: fixed.text("entry", BASE64),
      index: fixed.integer("index", { min: 0, max: Number.MAX_SAFE_INTEGER }),
      path: fixed.texts("path", { ...BASE64, max: PATH_MAX }),
    })),
    checkpoint: reader.text("checkpoint", TEXT_MAX),
  };
}

function readMember(reader: ObjectReader): CertificateMember {
  const member = {
    validatorId: reader.text("validatorId", BASE58),
    operator: reader.text("operator", BASE58),
    family: reader.text("family", { charsMax: 256 }),
    stakeUnits: reader.text("stakeUnits", DECIMAL_UNITS),
  };
  if (decodeKey(member.validatorId) === undefined)
    throw new ShapeError(`${reader.path}.validatorId`, "it is not a public key");
  return member;
}

function readDecomposer(reader: ObjectReader): CertificateDecomposer {
  const model = reader.optional("model", (key) => reader.text(key, TEXT_MAX));
  const note = reader.optional("note", (key) => reader.text(key, TEXT_MAX));
  return {
    id: reader.text("id", ID),
    ...(model === undefined ? {} : { model }),
    ...(note === undefined ? {} : { note }),
  };
}
