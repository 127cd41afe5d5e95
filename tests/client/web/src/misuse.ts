/** Misuse that types reject; never run. */
import { Lab } from './ws/lab/index.js';

const lab = new Lab({ room: 'a' });

export const numbers: readonly number[] = lab.streamState('count', 1).items;
export const last: number | undefined = lab.streamState('count', 1, { history: 1 }).last;
// @ts-expect-error -- a request with one reply
lab.streamState('echo', 'x');
// @ts-expect-error -- no data
lab.streamState('count');
// @ts-expect-error -- data of another type
lab.streamState('count', 'x');
// @ts-expect-error -- items are numbers
export const texts: readonly string[] = lab.streamState('count', 1).items;
// @ts-expect-error -- read-only
lab.streamState('count', 1).status = 'done';
// @ts-expect-error -- no status of a stream
export const isOpen = lab.streamState('count', 1).status === 'open';
const { error } = lab.streamState('count', 1);
export const isKnown = [error?.code === 'room_full', error?.code === 'internal', error?.code === 1006];
// @ts-expect-error -- no error of the endpoint
export const isUnknown = error?.code === 'room_ful';
