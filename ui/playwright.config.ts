// Browser tests against the built pages with the in-memory backend, under the real window's content security policy.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  reporter: "list",
  timeout: 20_000,
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
