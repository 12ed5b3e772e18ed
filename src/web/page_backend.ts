// The backend of the page: shares, downloads, uploads, history and settings of a home, as a state, a feed of events,
// and routes.

import type { Hono } from "hono";
import { TransferList } from "../app/transfers/transfer_list.ts";
import type { TransferEngine } from "../app/transfers/context.ts";
import { History } from "../app/history.ts";
import type { Home } from "../app/home.ts";
import { Notices } from "../app/notices.ts";
import { relayChoice, writeSettings } from "../app/settings.ts";
import { type UploadListener, Uploads } from "../app/uploads.ts";
import { type HashCache, RateLimit, type RelayChoice } from "../engine/mod.ts";
import { computerRoutes } from "./computer_routes.ts";
import type { FolderListing, Settings, State } from "./contract.ts";
import { PageFeed } from "./page_feed.ts";
import { downloadRoutes } from "./download_routes.ts";
import { historyRoutes } from "./history_routes.ts";
import { shareRoutes } from "./share_routes.ts";
import { uploadRoutes } from "./upload_routes.ts";

export interface PageBackendOptions {
  home: Home;
  engine: (hashes?: HashCache) => Promise<TransferEngine>;
  settings: Settings;
  /** Overrides the relay of the settings for this run; null without `--relay`. */
  relay: RelayChoice | null;
  version: string;
  /** Shows a folder, or the folder of a file, on this computer's desktop. */
  openFolder: (path: string) => Promise<void>;
  /** Start points of choosing files, besides the download folder. */
  places: FolderListing["places"];
  /** Notices of this run, shown on every page. */
  notices?: Notices;
}

export class PageBackend implements AsyncDisposable {
  readonly feed: PageFeed;
  readonly routes: readonly Hono[];
  readonly state: () => State;
  readonly #resources: AsyncDisposableStack;

  private constructor(
    parts: Pick<PageBackend, "feed" | "routes" | "state">,
    resources: AsyncDisposableStack,
  ) {
    this.feed = parts.feed;
    this.routes = parts.routes;
    this.state = parts.state;
    this.#resources = resources;
  }

  /** Opens the persistent state of a home. Throws `home_*`. */
  static async open(options: PageBackendOptions): Promise<PageBackend> {
    const { home, engine, version, openFolder, notices = new Notices() } = options;
    let { settings } = options;
    await using opening = new AsyncDisposableStack();
    const history = opening.use(await History.openWithFallback(home));
    const relay = () => options.relay ?? relayChoice(settings.relay) ?? "default";
    const limits = {
      sending: new RateLimit(settings.sendBytesPerSecond),
      receiving: new RateLimit(settings.receiveBytesPerSecond),
    };
    const context = { home, engine, settings: () => settings, relay, limits };
    const transfers = opening.use(await TransferList.open(context, history));
    const onUpload: UploadListener = {
      onView: (share) => feed.publish({ type: "share", share }),
      onCancelled: (id) => feed.publish({ type: "removed", id }),
    };
    const uploads = opening.use(await Uploads.open(home, onUpload));
    for (const { paths, keep, ...staged } of await uploads.left()) transfers.startShare(paths, keep, staged);
    const state = (): State => ({
      version,
      shares: [...transfers.shares, ...uploads.views],
      downloads: transfers.downloads,
      settings,
      notices: notices.all,
    });
    const feed = new PageFeed(transfers, state);
    notices.subscribe((notice) => feed.publish({ type: "notice", notice }));
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
      shareRoutes(transfers),
      uploadRoutes(transfers, uploads),
      downloadRoutes(transfers, openFolder),
      historyRoutes({ transfers, history, openFolder, onChange: () => feed.publish({ type: "history" }) }),
      computerRoutes({ settings: () => settings, change, places }),
    ];
    return new PageBackend({ feed, routes, state }, opening.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}
