/** Prints each step of a start as it happens, with its time. */
export interface Steps {
  /** Runs one step; `work` answers what to say behind its name. */
  run(name: string, work: () => Promise<string>): Promise<void>;
}

export function startSteps(): Steps {
  return {
    run: async (name, work) => {
      const begun = performance.now();
      const label = name.padEnd(14);
      const again = process.stdout.isTTY ? '\r' : '';
      if (process.stdout.isTTY) {
        process.stdout.write(`  ${label} …`);
      }
      try {
        const said = await work();
        const seconds = ((performance.now() - begun) / 1000).toFixed(1);
        process.stdout.write(`${again}  ${label} ${seconds.padStart(5)} s  ${said}\n`);
      } catch (error) {
        process.stdout.write(`${again}  ${label} failed\n`);
        throw error;
      }
    },
  };
}
