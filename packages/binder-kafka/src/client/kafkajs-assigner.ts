import { type Assigner, AssignerProtocol } from 'kafkajs';
import { type Assignment, assignPartitions, type GroupMember } from './kafka-assignment';
import type { GroupCluster } from './kafka-membership';

/** What this member says of itself when it joins. */
export type Claims = Pick<GroupMember, 'share' | 'owned' | 'generation'>;

/** Takes part in the group under the name of Java's range assignor; see {@link assignPartitions}. */
export function rangeAssigner(cluster: GroupCluster, claims: () => Claims): Assigner {
  return {
    name: 'range',
    version: 0,
    protocol: ({ topics }) => ({
      name: 'range',
      metadata: AssignerProtocol.MemberMetadata.encode({ version: 0, topics, userData: encodeClaims(claims()) }),
    }),
    assign: async ({ members }) => {
      const known = members.map(({ memberId, memberMetadata }) => {
        const metadata = AssignerProtocol.MemberMetadata.decode(memberMetadata);
        return { memberId, topics: metadata?.topics ?? [], ...decodeClaims(metadata?.userData) };
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

/** What the coordinator's answer gives this member. */
export function assignmentOf(answer: object): Assignment {
  const { memberAssignment } = answer as { memberAssignment: Buffer };
  return AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment ?? {};
}

/** Java's members leave this field alone. */
function encodeClaims({ share, owned, generation }: Claims): Buffer {
  return Buffer.from(JSON.stringify({ millraceShare: share, millraceOwned: owned, millraceGeneration: generation }));
}

function decodeClaims(userData: Buffer | undefined): Claims {
  try {
    const { millraceShare, millraceOwned, millraceGeneration } = JSON.parse(String(userData ?? ''));
    return { share: millraceShare, owned: millraceOwned, generation: millraceGeneration };
  } catch {
    return {};
  }
}
