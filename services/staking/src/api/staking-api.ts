/** gRPC: request -> command -> decision -> response or refusal. */
import type { staking } from "@mira/api";
import { unary } from "@mira/chassis";
import { refuse, succeed, type Result } from "@mira/primitives";
import { decide } from "../domain/decide.ts";
import { verifyEquivocation } from "../domain/evidence.ts";
import { summarize } from "../domain/summary.ts";
import type { StandingList, ValidatorLists } from "../ports.ts";
import { bond, unbond, type BondingDependencies } from "./bonding.ts";
import { toFaultMessage, toSlashMessage, toValidatorMessage } from "./staking-message.ts";

export type StakingApiDependencies = BondingDependencies & {
  readonly lists: ValidatorLists;
  readonly standings: StandingList;
  readonly slashBps: bigint;
};

const PAGE_SIZE_DEFAULT = 50;
const PAGE_SIZE_MAX = 500;
const SLASHES_MAX = 500;
const FAULTS_MAX = 100;

export function createStakingApi(dependencies: StakingApiDependencies): staking.StakingServiceServer {
  return {
    bond: unary((request) => bond(dependencies, request)),
    unbond: unary((request) => unbond(dependencies, request)),
    getValidator: unary((request) => getValidator(dependencies, request)),
    listValidators: unary((request) => listValidators(dependencies, request)),
    submitEvidence: unary((request) => submitEvidence(dependencies, request)),
    getStanding: unary((request) => getStanding(dependencies, request)),
    listSlashes: unary((request) => listSlashes(dependencies, request)),
  };
}

async function submitEvidence(
  dependencies: StakingApiDependencies,
  request: staking.SubmitEvidenceRequest,
): Promise<Result<staking.SubmitEvidenceResponse>> {
  const { streams, networkId, clock, slashBps } = dependencies;
  const { validatorId, first, second, reporter } = request;
  if (first === undefined || second === undefined)
    return refuse("REQUEST_INVALID", "evidence is two signed attestations", {
      field: first === undefined ? "first" : "second",
    });
  const { state } = await streams.load(validatorId);
  if (state.status === "none") return refuse("VALIDATOR_NOT_FOUND", "no such validator", { validatorId });
  const equivocation = verifyEquivocation(first, second, {
    networkId,
    validatorId,
    publicKey: state.publicKey,
  });
  if (!equivocation.ok) return equivocation;
  const command = {
    type: "acceptEvidence",
    equivocation: equivocation.value,
    reporter,
    slashBps,
    at: clock.now(),
  } as const;
  const handled = await streams.handle(validatorId, (now) => decide(command, now));
  if (!handled.ok) return handled;
  await dependencies.carryOutDue();
  const slash = (await dependencies.lists.listSlashes(validatorId, SLASHES_MAX)).find(
    ({ evidenceId }) => evidenceId === equivocation.value.evidenceId,
  );
  return slash === undefined
    ? refuse("NOT_FOUND", "the slash is recorded and not yet readable", { validatorId })
    : succeed({ slash: toSlashMessage(slash) });
}

async function getValidator(
  { streams, standings }: StakingApiDependencies,
  { validatorId }: staking.GetValidatorRequest,
): Promise<Result<{ validator: staking.Validator }>> {
  const { state } = await streams.load(validatorId);
  if (state.status === "none") return refuse("VALIDATOR_NOT_FOUND", "no such validator", { validatorId });
  const [standing] = await standings.readStandings([validatorId]);
  return succeed({ validator: toValidatorMessage(summarize(state), standing) });
}

async function getStanding(
  dependencies: StakingApiDependencies,
  { validatorId }: staking.GetStandingRequest,
): Promise<Result<staking.GetStandingResponse>> {
  const found = await getValidator(dependencies, { validatorId });
  if (!found.ok) return found;
  const faults = await dependencies.standings.listFaults(validatorId, FAULTS_MAX);
  return succeed({ validator: found.value.validator, faults: faults.map(toFaultMessage) });
}

async function listValidators(
  { lists, standings }: StakingApiDependencies,
  request: staking.ListValidatorsRequest,
): Promise<Result<staking.ListValidatorsResponse>> {
  if (!/^\d{0,18}$/.test(request.pageToken))
    return refuse("REQUEST_INVALID", "the page token is not one of ours", { field: "page_token" });
  const limit = Math.min(request.pageSize === 0 ? PAGE_SIZE_DEFAULT : request.pageSize, PAGE_SIZE_MAX);
  const page = await lists.listValidators({
    bondedOnly: request.bondedOnly,
    limit,
    afterNumber: BigInt(request.pageToken === "" ? 0 : request.pageToken),
  });
  const told = await standings.readStandings(page.validators.map(({ validatorId }) => validatorId));
  return succeed({
    validators: page.validators.map((validator, at) => toValidatorMessage(validator, told[at])),
    nextPageToken: page.nextNumber?.toString() ?? "",
  });
}

async function listSlashes(
  { lists }: StakingApiDependencies,
  { validatorId }: staking.ListSlashesRequest,
): Promise<Result<staking.ListSlashesResponse>> {
  const slashes = await lists.listSlashes(validatorId, SLASHES_MAX);
  return succeed({ slashes: slashes.map(toSlashMessage) });
}
