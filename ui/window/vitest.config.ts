// How the tests of the real window are run: one after the other, because there is one display and one keyboard.
// `cargo xtask test window` gives them that display, a keyring of their own and the built programs.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    environment: "node",
    include: ["window/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 45_000,
    hookTimeout: 30_000,
  },
});
