/** LiteSVM's error values in the words of agave's enums, and which of them leave the fee charged. */

/** A number is a variant without fields. */
export type LitesvmError =
  | number
  | {
      readonly index?: number;
      readonly accountIndex?: number;
      readonly err?: () => number | { readonly code?: number; readonly msg?: string };
      readonly constructor: { readonly name: string };
    };

const TRANSACTION_ERRORS = words(`AccountInUse AccountLoadedTwice AccountNotFound ProgramAccountNotFound
  InsufficientFundsForFee InvalidAccountForFee AlreadyProcessed BlockhashNotFound CallChainTooDeep MissingSignatureForFee
  InvalidAccountIndex SignatureFailure InvalidProgramForExecution SanitizeFailure ClusterMaintenance
  AccountBorrowOutstanding WouldExceedMaxBlockCostLimit UnsupportedVersion InvalidWritableAccount
  WouldExceedMaxAccountCostLimit WouldExceedAccountDataBlockLimit TooManyAccountLocks AddressLookupTableNotFound
  InvalidAddressLookupTableOwner InvalidAddressLookupTableData InvalidAddressLookupTableIndex InvalidRentPayingAccount
  WouldExceedMaxVoteCostLimit WouldExceedAccountDataTotalLimit MaxLoadedAccountsDataSizeExceeded ResanitizationNeeded
  InvalidLoadedAccountsDataSizeLimit UnbalancedTransaction ProgramCacheHitMaxLimit CommitCancelled`);

const INSTRUCTION_ERRORS = words(`GenericError InvalidArgument InvalidInstructionData InvalidAccountData
  AccountDataTooSmall InsufficientFunds IncorrectProgramId MissingRequiredSignature AccountAlreadyInitialized
  UninitializedAccount UnbalancedInstruction ModifiedProgramId ExternalAccountLamportSpend ExternalAccountDataModified
  ReadonlyLamportChange ReadonlyDataModified DuplicateAccountIndex ExecutableModified RentEpochModified
  NotEnoughAccountKeys AccountDataSizeChanged AccountNotExecutable AccountBorrowFailed AccountBorrowOutstanding
  DuplicateAccountOutOfSync InvalidError ExecutableDataModified ExecutableLamportChange ExecutableAccountNotRentExempt
  UnsupportedProgramId CallDepth MissingAccount ReentrancyNotAllowed MaxSeedLengthExceeded InvalidSeeds InvalidRealloc
  ComputationalBudgetExceeded PrivilegeEscalation ProgramEnvironmentSetupFailure ProgramFailedToComplete
  ProgramFailedToCompile Immutable IncorrectAuthority AccountNotRentExempt InvalidAccountOwner ArithmeticOverflow
  UnsupportedSysvar IllegalOwner MaxAccountsDataAllocationsExceeded MaxAccountsExceeded
  MaxInstructionTraceLengthExceeded BuiltinProgramsMustConsumeComputeUnits BorshIoError`);

/** E.g. `AccountNotFound`, `InstructionError(0, Custom(1))`, `InsufficientFundsForRent(2)`. */
export function describeError(error: LitesvmError): string {
  if (typeof error === "number") return TRANSACTION_ERRORS[error] ?? `TransactionError(${error})`;
  if (error.err !== undefined)
    return `InstructionError(${error.index ?? 0}, ${describeInstructionError(error.err())})`;
  const kind = error.constructor.name.replace(/^TransactionError/, "");
  return `${kind}(${error.index ?? error.accountIndex ?? 0})`;
}

/**
 * LiteSVM charges the fee exactly when execution began. Loading errors come before it; only a failing instruction, or an account
 * left below rent exemption by instructions that ran, comes after.
 */
export function isFeeCharged(error: string, computeUnits: number): boolean {
  if (error === "" || error.startsWith("InstructionError(")) return true;
  return error.startsWith("InsufficientFundsForRent(") && computeUnits > 0;
}

function describeInstructionError(error: number | { readonly code?: number; readonly msg?: string }): string {
  if (typeof error === "number") return INSTRUCTION_ERRORS[error] ?? `InstructionError(${error})`;
  return error.code === undefined ? `BorshIoError(${error.msg ?? ""})` : `Custom(${error.code})`;
}

function words(text: string): readonly string[] {
  return text.split(/\s+/);
}
