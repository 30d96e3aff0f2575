import { type Assigner, AssignerProtocol } from 'kafkajs';
import { assignPartitions, type GroupMember } from './kafka-assignment';
import type { GroupCluster } from './kafka-membership';

/** Takes part in the group under the name of Java's range assignor; see {@link assignPartitions}. */
export function rangeAssigner(cluster: GroupCluster, share: GroupMember['share']): Assigner {
  const userData = Buffer.from(share === undefined ? '' : JSON.stringify({ millraceShare: share }));
  return {
    name: 'range',
    version: 0,
    protocol: ({ topics }) => ({
      name: 'range',
      metadata: AssignerProtocol.MemberMetadata.encode({ version: 0, topics, userData }),
    }),
    assign: async ({ members }) => {
      const known = members.map(({ memberId, memberMetadata }) => {
        const metadata = AssignerProtocol.MemberMetadata.decode(memberMetadata);
        return { memberId, topics: metadata?.topics ?? [], share: shareOf(metadata?.userData) };
      });
      // Members may read topics that this one, the leader, does not. One that is gone meanwhile has no partitions.
      for (const topic of new Set(known.flatMap((member) => member.topics)))
        await cluster.addMultipleTargetTopics([topic]).catch(() => undefined);
      const assignments = assignPartitions(known, (topic) =>
        cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId),
      );
      return [...assignments].map(([memberId, assignment]) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({ version: 0, assignment, userData: Buffer.of() }),
      }));
    },
  };
}

function shareOf(userData: Buffer | undefined): GroupMember['share'] {
  try {
    return JSON.parse(String(userData ?? '')).millraceShare;
  } catch {
    return undefined;
  }
}
