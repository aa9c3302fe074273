import type { Browser, BrowserContext } from '@playwright/test';

/** What a browser says when a page breaks its own policy, or when what it shows is not what the server sent. */
const bad = [/Content Security Policy/i, /Content-Security-Policy/i, /hydrat/i, /Minified React error/];

/**
 * Listens to every page of every context that opens from here on, and gathers what the browser holds against it: broken
 * content policies and errors that no code caught.
 */
export function gatherComplaints(browser: Browser): { complaints: string[]; stop: () => void } {
  const complaints: string[] = [];
  const listen = (context: BrowserContext) => {
    context.on('console', (message) => {
      if (message.type() === 'error' && bad.some((pattern) => pattern.test(message.text()))) {
        complaints.push(`${message.page()?.url() ?? 'a page'}: ${message.text()}`);
      }
    });
    context.on('weberror', (thrown) => {
      complaints.push(`${thrown.page()?.url() ?? 'a page'}: ${String(thrown.error())}`);
    });
  };
  browser.on('context', listen);
  return { complaints, stop: () => browser.off('context', listen) };
}
