// Browser tests of the built pages under the real window's content security policy: `pages` with the backend in memory,
// `engine` with the real engine, which the tests start themselves (see e2e/lab.ts).
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  projects: [
    // First, because the demo takes a while to be ready. One engine is enough: each test has a connector of its own.
    { name: "engine", testMatch: "engine.spec.ts", fullyParallel: false },
    { name: "pages", testIgnore: "engine.spec.ts", fullyParallel: true },
  ],
  workers: 2,
  retries: 0,
  forbidOnly: true,
  reporter: "list",
  timeout: 40_000,
  use: {
    baseURL: "http://127.0.0.1:5184",
    locale: "en-GB",
    timezoneId: "UTC",
    viewport: { width: 1080, height: 720 },
    launchOptions: {
      executablePath: "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  webServer: {
    command: "npx vite build --mode fixtures --logLevel warn && npx vite preview --mode fixtures --host 127.0.0.1",
    url: "http://127.0.0.1:5184",
    reuseExistingServer: false,
    timeout: 120_000,
  },
});
