import tsdoc from "eslint-plugin-tsdoc";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/", "temp/", "coverage/", "**/node_modules/", "test/package/fixtures/", "test/tools/", "docs/"] },
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.strictTypeChecked],
    plugins: { tsdoc },
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "tsdoc/syntax": "error",
      "no-console": "error",
      "max-lines": ["error", 300],
      complexity: ["error", 10],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/no-floating-promises": "error",
      // Numbers and enums print themselves well.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Ports are implemented with async methods that sometimes have nothing to wait for.
      "@typescript-eslint/require-await": "off",
      // Abort reasons are whatever the caller gave, and go through unchanged.
      "@typescript-eslint/prefer-promise-reject-errors": "off",
      "@typescript-eslint/only-throw-error": "off",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ["test/**/*.ts", "examples/**/*.ts", "bench/**/*.ts", "src/cli/**/*.ts"],
    rules: { "no-console": "off", complexity: "off", "max-lines": ["error", 400] },
  },
);
