import tseslint from "typescript-eslint";

/** Rules beyond strictTypeChecked say why they are set. */
export default tseslint.config(
  { ignores: ["**/node_modules/**", "packages/api/src/gen/**", ".cache/**", ".mira/**", "*.js", ".*.js"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Quantities are printed in messages all the time; numbers and bigints print without surprise.
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      // `_` marks an argument that a signature demands and a body does not need.
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      // A parser that returns the caller's branded type names it once, in its result.
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      // An arrow that forwards to a void function is how callbacks read best.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: "Named exports only: one name for one thing." },
        { selector: "TSEnumDeclaration", message: "Use a union of literals: enums are not erasable." },
      ],
    },
  },
  {
    files: ["**/*.test.ts"],
    rules: {
      // node:test returns a promise the runner itself awaits.
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [
            "test",
            "describe",
            "it",
            "before",
            "after",
            "beforeEach",
            "afterEach",
          ].map((name) => ({ from: "package", name, package: "node:test" })),
        },
      ],
    },
  },
);
