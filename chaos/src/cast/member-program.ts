// One process of the cast: node member-program.js '<task as JSON>'. Ends by itself when it has stopped.
import { Member, type MemberTask } from './member';
import { sample } from './sampler';

export interface ProgramTask extends MemberTask {
  readonly sampleMs: number;
}

async function main(task: ProgramTask): Promise<void> {
  // Whoever started us is gone: nobody would end us.
  process.once('disconnect', () => process.exit(1));
  process.channel?.unref();
  const member = await Member.open(task);
  const endSamples = sample(task.sampleMs, (entry) => {
    member.ledger.write(entry);
    member.tellHeard();
  });
  process.once('SIGTERM', () => {
    endSamples();
    void member.stop();
  });
  await member.start();
  process.send?.('running');
}

main(JSON.parse(process.argv[2] ?? '{}') as ProgramTask).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
