/** Runs what a make target does. A failure is told in words. */
export async function runCommand(main: () => Promise<void> | void): Promise<never> {
  try {
    await main();
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
