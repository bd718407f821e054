import type { App } from "./app";
import type { Device } from "./fixtures";
import { NURSE, PRINCIPAL } from "./people";

/** Two devices in one plan, both at its wall as a list. */
export async function meeting(
  device: (whose: string, options?: { size?: "phone" | "desktop" }) => Promise<Device>,
): Promise<{ host: Device; guest: Device; link: string }> {
  const host = await device("principal");
  await host.app.begin("Ingen ensam", PRINCIPAL);
  await host.app.go("people");
  const link = await host.app.people.invite();
  const guest = await device("nurse");
  const code = await guest.app.knock(link, NURSE);
  await host.app.people.admit(NURSE.name, code);
  await guest.app.isInside();
  for (const { app } of [host, guest]) await toList(app);
  return { host, guest, link };
}

export async function toList(app: App): Promise<void> {
  await app.go("wall");
  await app.wall.asList();
}
