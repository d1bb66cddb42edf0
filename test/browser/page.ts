/**
 * A page for a test: opened in a Chromium, with everything that goes wrong in it written down, and calls into its
 * modules by name (a function handed to the browser would carry the test runner's rewritten imports with it).
 */
import type { Browser, Page } from "playwright-core";

export interface TestPage {
  readonly page: Page;
  /** Uncaught errors and console warnings and errors, in order. Empty in a healthy page. */
  readonly complaints: readonly string[];
  /** Everything that reached the console, in order. */
  readonly printed: readonly string[];
  /** Calls an exported function of a module in the page with plain data, and returns what it resolves to. */
  call<Result>(module: string, name: string, ...args: unknown[]): Promise<Result>;
  close(): Promise<void>;
}

export async function openPage(browser: Browser, url: string): Promise<TestPage> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  const printed: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error.stack ?? error)));
  page.on("console", (message) => {
    printed.push(message.text());
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  await page.goto(url);
  return {
    page,
    complaints,
    printed,
    call: (module, name, ...args) =>
      page.evaluate(
        `import(${JSON.stringify(module)}).then((m) => m[${JSON.stringify(name)}](...${JSON.stringify(args)}))`,
      ),
    close: () => page.close(),
  };
}
