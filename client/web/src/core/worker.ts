/** The worker's entry: takes calls from the page, one `Device` for all of them. */

import { Device } from "./device";
import { type Call, type FromWorker, asFailure, carryOut } from "./rpc";

const post = (message: FromWorker) => {
  self.postMessage(message);
};

const fail = (error: unknown) => {
  post({ events: [{ type: "fatal", reason: asFailure(error).message }] });
};

const started = Device.start((events) => {
  post({ events });
}, fail);

self.onmessage = (message: MessageEvent<Call>) => {
  const call = message.data;
  started
    .then((device) => carryOut(device, call))
    .catch((error: unknown) => ({ id: call.id, error: asFailure(error) }))
    .then(post)
    .catch(fail);
};
