/** The connections of one opened plan: one WebSocket to each of its relays, made again when it breaks. */

import type { Connection } from "./api";
import { socketAddress, waitMs } from "./relay";
import type { Bytes } from "./store-values";

/** What the connections tell whoever drives the replica. */
export interface SocketEvents {
  opened(session: number, url: string): void;
  frame(session: number, frame: Bytes): void;
  gone(session: number): void;
  changed(url: string, connection: Connection): void;
}

interface Peer {
  url: string;
  connection: Connection;
  session: number;
  socket: WebSocket | null;
  timer: ReturnType<typeof setTimeout> | undefined;
  attempts: number;
  trouble: string | null;
}

export class Sockets {
  readonly #events: SocketEvents;
  readonly #peers = new Map<string, Peer>();
  #sessions = 0;
  #closed = false;

  constructor(events: SocketEvents) {
    this.#events = events;
    self.addEventListener("online", this.#online);
    self.addEventListener("offline", this.#offline);
  }

  /** Connects to relays that are new, and lets go of those that are listed no more. */
  meet(urls: string[]): void {
    if (this.#closed) {
      return;
    }
    for (const url of urls) {
      if (!this.#peers.has(url)) {
        const peer: Peer = {
          url,
          connection: "waiting",
          session: 0,
          socket: null,
          timer: undefined,
          attempts: 0,
          trouble: null,
        };
        this.#peers.set(url, peer);
        this.#connect(peer);
      }
    }
    for (const peer of this.#peers.values()) {
      if (!urls.includes(peer.url)) {
        this.#peers.delete(peer.url);
        this.#end(peer);
      }
    }
  }

  send(session: number, frame: Bytes): void {
    const socket = this.#with(session)?.socket;
    // A connection that is gone says so itself; what was to go there goes on the next one.
    if (socket?.readyState === WebSocket.OPEN) {
      socket.send(frame);
    }
  }

  /** The replica has done with a connection: it is made again after a wait, since what was amiss may be mended. */
  close(session: number, reason: string): void {
    const peer = this.#with(session);
    if (peer !== undefined) {
      peer.trouble = reason;
      peer.socket?.close();
    }
  }

  /** A relay said no. Where that ended the conversation the connection is given up for a while. */
  refused(session: number, reason: string, goesOn: boolean): void {
    const peer = this.#with(session);
    if (peer !== undefined) {
      peer.trouble = reason;
      if (!goesOn) {
        peer.socket?.close();
      }
    }
  }

  /** A relay has been caught up with: the next break is the first again. */
  live(session: number): void {
    const peer = this.#with(session);
    if (peer !== undefined) {
      peer.attempts = 0;
      peer.trouble = null;
    }
  }

  url(session: number): string {
    return this.#with(session)?.url ?? "";
  }

  state(url: string): { connection: Connection; trouble: string | null } {
    const peer = this.#peers.get(url);
    return { connection: peer?.connection ?? "waiting", trouble: peer?.trouble ?? null };
  }

  end(): void {
    this.#closed = true;
    self.removeEventListener("online", this.#online);
    self.removeEventListener("offline", this.#offline);
    for (const peer of this.#peers.values()) {
      this.#end(peer);
    }
    this.#peers.clear();
  }

  #with(session: number): Peer | undefined {
    return [...this.#peers.values()].find((peer) => peer.session === session && peer.socket !== null);
  }

  #connect(peer: Peer): void {
    clearTimeout(peer.timer);
    const address = socketAddress(peer.url);
    if (address === null) {
      peer.trouble = `${peer.url} is no relay's address`;
      return;
    }
    let socket: WebSocket;
    try {
      socket = new WebSocket(address);
    } catch (error) {
      // A page that came over TLS may not speak to a relay without it.
      peer.trouble = error instanceof Error ? error.message : String(error);
      this.#later(peer);
      return;
    }
    this.#sessions += 1;
    const session = this.#sessions;
    socket.binaryType = "arraybuffer";
    peer.socket = socket;
    peer.session = session;
    this.#become(peer, "connecting");
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.#become(peer, "connected");
      this.#events.opened(session, peer.url);
    };
    socket.onmessage = (message: MessageEvent<unknown>) => {
      if (message.data instanceof ArrayBuffer) {
        this.#events.frame(session, new Uint8Array(message.data));
      }
    };
    socket.onclose = () => {
      if (peer.socket === socket) {
        peer.socket = null;
        this.#later(peer);
      }
      if (opened) {
        this.#events.gone(session);
      } else {
        // The browser does not say why, lest a page find out what is in the network around it.
        peer.trouble ??= "it cannot be reached";
      }
    };
  }

  #later(peer: Peer): void {
    if (this.#closed || !this.#peers.has(peer.url)) {
      return;
    }
    if (!navigator.onLine) {
      this.#become(peer, "offline");
    } else {
      this.#become(peer, "waiting");
    }
    // Also without a network: `onLine` knows of interfaces only, and a relay may run on this very machine.
    peer.timer = setTimeout(
      () => {
        this.#connect(peer);
      },
      waitMs(peer.attempts, Math.random()),
    );
    peer.attempts += 1;
  }

  #become(peer: Peer, connection: Connection): void {
    if (peer.connection !== connection) {
      peer.connection = connection;
      this.#events.changed(peer.url, connection);
    }
  }

  #end(peer: Peer): void {
    clearTimeout(peer.timer);
    const socket = peer.socket;
    peer.socket = null;
    socket?.close();
  }

  readonly #online = () => {
    for (const peer of this.#peers.values()) {
      if (peer.socket === null) {
        peer.attempts = 0;
        this.#connect(peer);
      }
    }
  };

  readonly #offline = () => {
    for (const peer of this.#peers.values()) {
      if (peer.socket === null) {
        this.#become(peer, "offline");
      }
    }
  };
}
