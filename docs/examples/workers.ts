// The code of docs/workers.md: each region is a snippet there; run by workers.test.ts. Worker threads load it too.
// #region parts
import { Channel, type Message, Sink, Source, type WorkerParts } from '@millrace/core';
import { IsInt, IsString } from 'class-validator';
import { injectable } from 'inversify';

@Channel<Picture>('pictures', { key: ({ album }) => album })
export class Picture {
  @IsString() album!: string;
  @IsInt({ each: true }) pixels!: number[];
}

@Channel('thumbnails')
export class Thumbnail {
  @IsString() album!: string;
  @IsInt() grey!: number;
}

@injectable()
export class Darkroom {
  @Sink(Picture, { workers: 4, ordering: 'key' })
  @Source(Thumbnail)
  develop({ album, pixels }: Picture, _message: Message<Picture>, signal: AbortSignal): Thumbnail {
    let sum = 0;
    for (const pixel of pixels) {
      signal.throwIfAborted();
      sum += pixel;
    }
    return Object.assign(new Thumbnail(), { album, grey: Math.round(sum / pixels.length) });
  }
}

export default { components: [Darkroom] } satisfies WorkerParts;
// #endregion
