const LAYERS = [
  "primitives",
  "merkle",
  "committee",
  "authority",
  "api",
  "event-store",
  "messaging",
  "chassis",
  "runtime",
  "claims",
  "inference",
  "drift",
  "certificate",
  "models",
  "client",
  "localnet",
  "cli",
];
const PURE = [
  "primitives",
  "merkle",
  "committee",
  "authority",
  "claims",
  "inference",
  "drift",
  "certificate",
];

/** A package imports only those above it in ARCHITECTURE section 2: the house has floors, and no stairs that lead back up. */
const layerRules = LAYERS.slice(0, -1).map((name, index) => ({
  name: `layer-${name}`,
  comment: `packages/${name} may import only packages that stand before it in the list of packages.`,
  severity: "error",
  from: { path: `^packages/${name}/`, pathNot: "\\.test\\.ts$" },
  to: { path: `^packages/(${LAYERS.slice(index + 1).join("|")})/` },
}));

export default {
  forbidden: [
    {
      name: "no-circles",
      severity: "error",
      comment: "Files that import each other cannot be understood one at a time.",
      from: {},
      to: { circular: true },
    },
    ...layerRules,
    {
      name: "packages-never-import-services",
      severity: "error",
      comment:
        "Shared code that knows a service is not shared. localnet starts services as processes, by path.",
      from: { path: "^packages/" },
      to: { path: "^services/" },
    },
    {
      name: "services-never-import-each-other",
      severity: "error",
      comment:
        "Services ask over gRPC and hear over JetStream; an import would tie their deployments and their failures together.",
      from: { path: "^services/([^/]+)/" },
      to: { path: "^services/", pathNot: "^services/$1/" },
    },
    {
      name: "domain-is-pure",
      severity: "error",
      comment: "A decider that can reach IO, a clock or randomness cannot be replayed or proved.",
      from: { path: "^services/[^/]+/src/domain/", pathNot: "\\.test\\.ts$" },
      to: {
        pathNot: [
          "^services/[^/]+/src/domain/",
          "^packages/(primitives|merkle|committee|authority|claims|inference|drift|certificate)/",
        ],
      },
    },
    {
      name: "store-knows-no-caller",
      severity: "error",
      comment: "The store is handed in; one that calls back into api, reactors or workers hides the flow.",
      from: { path: "^services/[^/]+/src/store/" },
      to: { path: "^services/[^/]+/src/(api|reactors|workers|main)" },
    },
    {
      name: "only-main-wires",
      severity: "error",
      comment: "Stores are handed in as ports: api, reactors and workers get theirs from main.ts.",
      from: { path: "^services/[^/]+/src/(api|reactors|workers)/", pathNot: "\\.test\\.ts$" },
      to: { path: "^services/[^/]+/src/(main\\.ts|store/)", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "pure-packages",
      severity: "error",
      comment: "These run in a browser, in a test and in an auditor's hands: no Node IO.",
      from: { path: `^packages/(${PURE.join("|")})/src/`, pathNot: "\\.test\\.ts$" },
      to: {
        dependencyTypes: ["core"],
        path: "^(node:)?(fs|net|http|http2|https|child_process|worker_threads|dgram|tls|os|process)",
      },
    },
    {
      name: "pg-behind-event-store",
      severity: "error",
      comment:
        "Each client library lives behind one package; services use pg for their own schema's store only.",
      from: {
        pathNot: [
          "^packages/(event-store|testing|localnet|chassis)/",
          "^services/[^/]+/src/(store|main)",
          "^services/[^/]+/test/",
          "^test/",
          "\\.test\\.ts$",
        ],
      },
      to: { path: "node_modules/(pg|kysely)/" },
    },
    {
      name: "nats-behind-messaging",
      severity: "error",
      comment: "One place knows JetStream.",
      from: { pathNot: ["^packages/messaging/", "^test/"] },
      to: { path: "node_modules/@nats-io/" },
    },
    {
      name: "svm-behind-runtime",
      severity: "error",
      comment: "One place knows litesvm; it aborts the process on bytes it cannot decode.",
      from: { pathNot: ["^packages/runtime/", "^test/benchmarks/"] },
      to: { path: "node_modules/litesvm/" },
    },
    {
      name: "models-behind-models",
      severity: "error",
      comment: "One place loads model files; it is optional, and checks the folder first.",
      from: { pathNot: ["^packages/models/"] },
      to: { path: "node_modules/(@huggingface|onnxruntime-)" },
    },
    {
      name: "kit-off-the-hot-path",
      severity: "error",
      comment: "kit's decoder costs more than executing the transaction.",
      from: {
        path: "^(services|packages/(runtime|client|api|chassis|messaging))/.*src/",
        pathNot: ["\\.test\\.ts$"],
      },
      to: { path: "node_modules/@solana/kit/" },
    },
    {
      name: "testing-is-for-tests",
      severity: "error",
      comment: "Nothing that ships may lean on the test harness.",
      from: { pathNot: ["\\.test\\.ts$", "^packages/testing/", "/test/", "^test/", "\\.fixture\\.ts$"] },
      to: { path: "^packages/testing/" },
    },
    {
      name: "no-orphans",
      severity: "error",
      comment: "A file nobody imports is dead or an entry point that should say so.",
      from: {
        orphan: true,
        pathNot: [
          "\\.test\\.ts$",
          "main\\.ts$",
          "worker\\.ts$",
          "^tools/",
          "^examples/",
          "\\.d\\.ts$",
          "/index\\.ts$",
          "^test/",
          "src/gen/",
        ],
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "packages/api/src/gen" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
};
