// How the window's pages are served and built. The backend is chosen here, at build time, by the mode:
// the default is the one that talks to the desktop shell; `lab` and `fixtures` exist for browser tests only.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const BACKENDS: Record<string, string> = {
  lab: "./src/api/http.ts",
  fixtures: "./tests/fixture-backend.ts",
};

/** The policy of the real window, so that browser tests run under it, with same-origin requests allowed for the lab. */
function contentSecurityPolicy(): string {
  const text = readFileSync(new URL("../tauri.conf.json", import.meta.url), "utf8");
  const config = JSON.parse(text) as { app: { security: { csp: Record<string, string> } } };
  const policy = { ...config.app.security.csp, "connect-src": "'self'" };
  return Object.entries(policy)
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join("; ");
}

/** Stops a production build into which a test backend found its way. */
function noTestBackend(): Plugin {
  return {
    name: "replug:no-test-backend",
    apply: (_, { command, mode }) => command === "build" && !(mode in BACKENDS),
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap((part) => (part.type === "chunk" ? part.moduleIds : []));
      const foreign = modules.filter((id) => /\/ui\/(tests|e2e|fixtures)\/|\/src\/api\/http\.ts$/.test(id));
      if (foreign.length > 0) this.error(`not for production: ${foreign.join(", ")}`);
    },
  };
}

export default defineConfig(({ mode }) => ({
  plugins: [svelte(), noTestBackend()],
  resolve: {
    alias: { "#backend": fileURLToPath(new URL(BACKENDS[mode] ?? "./src/api/tauri.ts", import.meta.url)) },
    ...(mode === "test" ? { conditions: ["browser"] } : {}),
  },
  clearScreen: false,
  server: { port: 5183, strictPort: true },
  preview: { port: 5184, strictPort: true, headers: { "Content-Security-Policy": contentSecurityPolicy() } },
  build: {
    target: "es2022",
    outDir: mode in BACKENDS ? `node_modules/.build/${mode}` : "dist",
    // Inlined files would be `data:` addresses, which the window's policy allows for images only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.ts", "tests/**/*.test.ts"],
    setupFiles: ["./tests/setup.ts"],
    restoreMocks: true,
  },
}));
