/** Frames of AMQP 0-9-1, section 2.3 of https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf. */
export const [METHOD, HEADER, BODY, FRAME_END] = [1, 2, 3, 0xce];
/** Type, channel and size before what a frame holds, and one byte behind it. */
export const FRAME_HEAD = 7;
export const FRAME_OVERHEAD = FRAME_HEAD + 1;
/** Of methods and headers of messages. */
export const CLASS_BASIC = 60;
