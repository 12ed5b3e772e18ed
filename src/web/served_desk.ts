// The desk behind the page: shares, downloads, uploads, history and settings of a home, as a state, a feed of events,
// and routes.

import type { Hono } from "hono";
import { Desk } from "../app/desk.ts";
import type { TransferEngine } from "../app/desk_share.ts";
import { History } from "../app/history.ts";
import type { Home } from "../app/home.ts";
import { relayChoice, writeSettings } from "../app/settings.ts";
import { type UploadListener, Uploads } from "../app/uploads.ts";
import { type HashCache, RateLimit, type RelayChoice } from "../engine/mod.ts";
import { computerRoutes } from "./computer_routes.ts";
import type { FolderListing, Settings, State } from "./contract.ts";
import { DeskFeed } from "./desk_feed.ts";
import { downloadRoutes } from "./download_routes.ts";
import { historyRoutes } from "./history_routes.ts";
import { shareRoutes } from "./share_routes.ts";
import { uploadRoutes } from "./upload_routes.ts";

export interface ServedDeskOptions {
  home: Home;
  engine: (hashes?: HashCache) => Promise<TransferEngine>;
  settings: Settings;
  /** Goes before the settings' relay, for this run; null when nobody asked for one. */
  relay: RelayChoice | null;
  version: string;
  /** Shows a folder, or the folder of a file, to whoever sits at this computer. */
  openFolder: (path: string) => Promise<void>;
  /** Where choosing files begins, besides the download folder. */
  places: FolderListing["places"];
}

export class ServedDesk implements AsyncDisposable {
  readonly feed: DeskFeed;
  readonly routes: readonly Hono[];
  readonly state: () => State;
  readonly #resources: AsyncDisposableStack;

  private constructor(parts: Pick<ServedDesk, "feed" | "routes" | "state">, resources: AsyncDisposableStack) {
    this.feed = parts.feed;
    this.routes = parts.routes;
    this.state = parts.state;
    this.#resources = resources;
  }

  /** Opens the desk of a home. Throws `home_*`. */
  static async open(options: ServedDeskOptions): Promise<ServedDesk> {
    const { home, engine, version, openFolder } = options;
    let { settings } = options;
    await using opening = new AsyncDisposableStack();
    const history = opening.use(await History.open(home));
    const relay = () => options.relay ?? relayChoice(settings.relay) ?? "default";
    const limits = {
      sending: new RateLimit(settings.sendBytesPerSecond),
      receiving: new RateLimit(settings.receiveBytesPerSecond),
    };
    const place = { home, engine, settings: () => settings, relay, limits };
    const desk = opening.use(await Desk.open(place, history));
    const onUpload: UploadListener = {
      onView: (share) => feed.publish({ type: "share", share }),
      onGone: (id) => feed.publish({ type: "removed", id }),
    };
    const uploads = opening.use(await Uploads.open(home, onUpload));
    const state = (): State => ({
      version,
      shares: [...desk.shares, ...uploads.views],
      downloads: desk.downloads,
      settings,
    });
    const feed = new DeskFeed(desk, state);
    const change = async (chosen: Settings) => {
      await writeSettings(home, chosen);
      settings = chosen;
      limits.sending.bytesPerSecond = chosen.sendBytesPerSecond;
      limits.receiving.bytesPerSecond = chosen.receiveBytesPerSecond;
      feed.publish({ type: "settings", settings });
    };
    const places = (): FolderListing["places"] => [...options.places, {
      kind: "downloads",
      path: settings.downloadFolder,
    }];
    const routes = [
      shareRoutes(desk),
      uploadRoutes(desk, uploads),
      downloadRoutes(desk, openFolder),
      historyRoutes({ desk, history, openFolder, onChange: () => feed.publish({ type: "history" }) }),
      computerRoutes({ settings: () => settings, change, places }),
    ];
    return new ServedDesk({ feed, routes, state }, opening.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}
