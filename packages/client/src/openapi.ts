// Made by `npm run client`: do not edit.

export interface paths {
  "/metrics/{instances}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Counts of one instance, or of several summed
     * @description Also at `/api/instance/metrics/{instances}`.
     */
    get: operations["getMetrics"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/metrics/{instances}/series": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Counts by time and in total, also in groups
     * @description How many messages came in, and how many outgoing ones reached each status. Without `groupBy` one series, with it one for each group.
     */
    get: operations["getSeries"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/metrics/{instances}/failures": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Failures by status and reason, and the newest ones */
    get: operations["getFailures"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/metrics/{instances}/latency": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** How long messages take from one status to the next */
    get: operations["getLatency"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/messages/{instance}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List messages, newest first by when they were first seen */
    get: operations["listMessages"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/messages/all/{idMessage}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Find the instances that have a message with this id
     * @description Account and read tokens.
     */
    get: operations["findMessage"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/messages/{instance}/{idMessage}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** One message and its timeline */
    get: operations["getMessage"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/labels": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List an instance's labels, with how many messages have each */
    get: operations["listLabels"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/labels/{label}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Label outgoing messages
     * @description All of them, or none if one cannot be labelled. Before or after their webhooks arrive, in any order; repeating a call changes nothing. Account and the instance's own token.
     */
    put: operations["labelMessages"];
    post?: never;
    /**
     * Delete a label and its counts
     * @description Its messages stay. A later label of the same name starts at zero. Account and the instance's own token.
     */
    delete: operations["deleteLabel"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/instances": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List instances
     * @description All of the account by name, in pages, or those named by `instanceName`; an instance's token sees only its own. Also at `/api/instance/list`.
     */
    get: operations["listInstances"];
    put?: never;
    /**
     * Register an instance and create its token
     * @description The token is shown only here. Account only.
     */
    post: operations["createInstance"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/instances/{name}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One instance
     * @description The settings alone are also at `/api/instance/getSettings/{name}`.
     */
    get: operations["getInstance"];
    put?: never;
    post?: never;
    /**
     * Delete an instance and all its data
     * @description Account only.
     */
    delete: operations["deleteInstance"];
    options?: never;
    head?: never;
    /**
     * Rename an instance or change its settings
     * @description Account only.
     */
    patch: operations["changeInstance"];
    trace?: never;
  };
  "/instances/{name}/chats/{chatId}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Forget one chat
     * @description Removes its id from everything that is stored; its messages stay counted. May be repeated. Account only.
     */
    delete: operations["forgetChat"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/instances/{name}/token": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Give an instance a new token
     * @description Shown only here. The previous token stays valid; older ones end. Account only.
     */
    post: operations["createInstanceToken"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/instances/{name}/reconcile": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The outcome of the last reconciliation */
    get: operations["getReconciliation"];
    put?: never;
    /**
     * Reconcile with the gateway's journals
     * @description Reads the gateway's journals now, or takes entries in the gateway's own shape: at most 10,000. Account only.
     */
    post: operations["reconcile"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/instances/{name}/check": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Check an instance and its settings at the gateway
     * @description Reads the settings, the account's state and the backlog from the gateway, and reports what prevents messages from being counted.
     */
    get: operations["checkInstance"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/instances/{name}/check/repair": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Correct the settings at the gateway
     * @description Shows the changes, and makes them with `apply`. The gateway may restart the instance. Account only.
     */
    post: operations["repairInstance"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/targets": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List targets
     * @description Account and read tokens.
     */
    get: operations["listTargets"];
    put?: never;
    /**
     * Create a target
     * @description Every webhook that is posted after the answer is forwarded to it. Account only.
     */
    post: operations["createTarget"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/targets/{target}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * A target and its last attempts
     * @description Account and read tokens.
     */
    get: operations["getTarget"];
    put?: never;
    post?: never;
    /**
     * Delete a target
     * @description Webhooks that wait for it are deleted too. Account only.
     */
    delete: operations["deleteTarget"];
    options?: never;
    head?: never;
    /**
     * Change a target
     * @description Webhooks that already wait are sent to the new address. Account only.
     */
    patch: operations["changeTarget"];
    trace?: never;
  };
  "/targets/{target}/pause": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Pause a target
     * @description New webhooks are kept for it, for 24 hours, as long as there is room. Account only.
     */
    post: operations["pauseTarget"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/targets/{target}/resume": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Resume a target
     * @description Account only.
     */
    post: operations["resumeTarget"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/targets/{target}/retry": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Retry failed deliveries now
     * @description Account only.
     */
    post: operations["retryTarget"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/targets/{target}/test": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Send a test request
     * @description Its body is `{ "type": "ticktally.test", "timestamp": … }`; nothing is retried. Account only.
     */
    post: operations["testTarget"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/targets/{target}/rotate": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Replace the signing secret
     * @description The old one also signs for 24 hours. Account only.
     */
    post: operations["rotateTargetSecret"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/targets/{target}/dead": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List dead letters
     * @description Account and read tokens.
     */
    get: operations["listDeadLetters"];
    put?: never;
    post?: never;
    /**
     * Discard all dead letters
     * @description Account only.
     */
    delete: operations["discardDeadLetters"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/targets/{target}/dead/replay": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Send dead letters again
     * @description Account only.
     */
    post: operations["replayDeadLetters"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/targets/{target}/dead/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Discard a dead letter
     * @description Account only.
     */
    delete: operations["discardDeadLetter"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/tokens": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List read tokens
     * @description Account and read tokens.
     */
    get: operations["listTokens"];
    put?: never;
    /**
     * Create a read token
     * @description It can read everything and change nothing. Shown only here. Account only.
     */
    post: operations["createToken"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/tokens/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Revoke a read token
     * @description Account only.
     */
    delete: operations["revokeToken"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/health": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * State of the processes, the queue, the quarantine and Redis
     * @description Account and read tokens.
     */
    get: operations["getHealth"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/events": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Stream of events
     * @description Server-sent events `message` and `counts`; resumes after `Last-Event-ID` within ten minutes. See docs/rest.md.
     */
    get: operations["streamEvents"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/quarantine": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Webhooks that could not be understood, newest first
     * @description Account and read tokens.
     */
    get: operations["listQuarantine"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/quarantine/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One entry with its webhook, secrets masked
     * @description Account and read tokens.
     */
    get: operations["getQuarantined"];
    put?: never;
    post?: never;
    /**
     * Discard an entry
     * @description Account only.
     */
    delete: operations["discardQuarantined"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/quarantine/replay": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Try entries again
     * @description Account only.
     */
    post: operations["replayQuarantined"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/waInstance{idInstance}/lastOutgoingMessages/{apiTokenInstance}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Messages sent in the last minutes, newest first */
    get: operations["greenApiLastOutgoingMessages"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/waInstance{idInstance}/lastIncomingMessages/{apiTokenInstance}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Messages received in the last minutes, newest first */
    get: operations["greenApiLastIncomingMessages"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/waInstance{idInstance}/getMessage/{apiTokenInstance}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** One message */
    post: operations["greenApiGetMessage"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/waInstance{idInstance}/getStatusStatistic/{apiTokenInstance}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Each recipient of a message */
    get: operations["greenApiGetStatusStatistic"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/waInstance{idInstance}/getStateInstance/{apiTokenInstance}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The account's state, as the gateway last reported it */
    get: operations["greenApiGetStateInstance"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/waInstance{idInstance}/getSettings/{apiTokenInstance}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Two empty fields, because the gateway keeps these settings */
    get: operations["greenApiGetSettings"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/webhooks/{gateway}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Post one webhook
     * @description 200 means that it is stored. Any JSON object is accepted. After any other answer the gateway sends it again, for 24 hours. Paths below it work too, so each instance can have its own URL.
     */
    post: operations["postWebhook"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    Error: {
      /** @constant */
      success: false;
      error: {
        code: string;
        message: string;
        chats?: string[];
      };
    };
    GatewayError: {
      message: string;
    };
    MetricsAnswer: {
      /** @constant */
      success: true;
      message: string;
      metrics: components["schemas"]["Metrics"];
    };
    Metrics: {
      instance: string;
      totalMessages: number;
      messagesReceived: number;
      messagesSent: number;
      messagesByType: components["schemas"]["CountsByType"];
      groupMessages: number;
      individualMessages: number;
      messagesWithMedia: number;
      mediaByType: components["schemas"]["CountsByMediaType"];
      messagesByStatus: components["schemas"]["CountsByStatus"];
      uniqueChats: number;
      uniqueGroups: number;
      uniqueContacts: number;
      messagesLast7Days: number;
      messagesLast30Days: number;
      /** Format: date-time */
      firstMessageAt: string | null;
      /** Format: date-time */
      lastMessageAt: string | null;
      messagesSentByApi: number;
      reached: {
        unknown: components["schemas"]["ReachedCounts"];
        api: components["schemas"]["ReachedCounts"];
        phone: components["schemas"]["ReachedCounts"];
      };
      failuresByReason: components["schemas"]["CountsByReason"];
      contradictions: number;
      messagesByChatKind: components["schemas"]["CountsByChatKind"];
      messagesByPriceCategory: components["schemas"]["CountsByPriceCategory"];
      messagesByPriceType: components["schemas"]["CountsByPriceType"];
      actions: components["schemas"]["CountsByAction"];
      union?: components["schemas"]["UniqueChats"];
      /** Format: date-time */
      asOf: string;
    };
    CountsByType: {
      text: number;
      image: number;
      video: number;
      audio: number;
      document: number;
      sticker: number;
      location: number;
      contact: number;
      poll: number;
      interactive: number;
      groupInvite: number;
      other: number;
      unknown: number;
    };
    CountsByMediaType: {
      image: number;
      video: number;
      audio: number;
      document: number;
      sticker: number;
    };
    CountsByStatus: {
      pending: number;
      yellowCard: number;
      sent: number;
      delivered: number;
      read: number;
      played: number;
      failed: number;
      noAccount: number;
      notInGroup: number;
      noActiveSession: number;
    };
    ReachedCounts: {
      sent: number;
      delivered: number;
      read: number;
      played: number;
      failed: number;
      noAccount: number;
      notInGroup: number;
      noActiveSession: number;
    };
    CountsByReason: {
      none: number;
      other: number;
      file_empty: number;
      file_too_large: number;
      download_failed: number;
      upload_failed: number;
      uploader_error: number;
      send_file_failed: number;
      timed_out: number;
      connection_closed: number;
      group_too_large: number;
      edit_window_expired: number;
      not_authenticated: number;
      no_account: number;
      not_in_group: number;
      no_active_session: number;
      recipient_unreachable: number;
      engagement_limited: number;
      opted_out: number;
      rate_limited: number;
      account_limited: number;
      template_rejected: number;
      media_failed: number;
      invalid_request: number;
      payment: number;
      gateway_error: number;
    };
    CountsByChatKind: {
      individual: number;
      group: number;
      channel: number;
      status: number;
      broadcast: number;
      unknown: number;
    };
    CountsByPriceCategory: {
      other: number;
      marketing: number;
      marketing_lite: number;
      utility: number;
      authentication: number;
      authentication_international: number;
      service: number;
      referral_conversion: number;
      group_marketing: number;
      group_utility: number;
      group_service: number;
      general_purpose_ai: number;
    };
    CountsByPriceType: {
      other: number;
      regular: number;
      free_customer_service: number;
      free_entry_point: number;
    };
    CountsByAction: {
      edited: number;
      deleted: number;
      reaction: number;
      pollUpdate: number;
    };
    UniqueChats: {
      uniqueChats: number;
      uniqueGroups: number;
      uniqueContacts: number;
    };
    /** @enum {string} */
    Origin: "unknown" | "api" | "phone";
    /** @enum {string} */
    Direction: "incoming" | "outgoing";
    /** @enum {string} */
    ReachedStatus: "sent" | "delivered" | "read" | "played" | "failed" | "noAccount" | "notInGroup" | "noActiveSession";
    /** @enum {string} */
    FailureReason:
      | "none"
      | "other"
      | "file_empty"
      | "file_too_large"
      | "download_failed"
      | "upload_failed"
      | "uploader_error"
      | "send_file_failed"
      | "timed_out"
      | "connection_closed"
      | "group_too_large"
      | "edit_window_expired"
      | "not_authenticated"
      | "no_account"
      | "not_in_group"
      | "no_active_session"
      | "recipient_unreachable"
      | "engagement_limited"
      | "opted_out"
      | "rate_limited"
      | "account_limited"
      | "template_rejected"
      | "media_failed"
      | "invalid_request"
      | "payment"
      | "gateway_error";
    /** @enum {string} */
    MessageType:
      | "text"
      | "image"
      | "video"
      | "audio"
      | "document"
      | "sticker"
      | "location"
      | "contact"
      | "poll"
      | "interactive"
      | "groupInvite"
      | "other"
      | "unknown";
    /** @enum {string} */
    ChatKind: "individual" | "group" | "channel" | "status" | "broadcast" | "unknown";
    Label: string;
    SeriesAnswer: {
      /** @constant */
      success: true;
      series: components["schemas"]["Series"];
    };
    Series: components["schemas"]["SeriesHead"] & {
      points: components["schemas"]["SeriesPoint"][];
      /** @description The sums of the points. */
      totals: components["schemas"]["SeriesCounts"];
      rates: components["schemas"]["SeriesRates"];
    };
    SeriesHead: {
      /** @description The requested names, or `all`. */
      instance: string;
      /**
       * Format: date-time
       * @description The beginning that was used, in whole hours.
       */
      from: string;
      /**
       * Format: date-time
       * @description The end that was used, exclusive. The current hour is counted up to now.
       */
      to: string;
      /**
       * Format: date-time
       * @description Hours are kept for 400 days: counts before this moment may be missing.
       */
      completeFrom: string;
      /** @enum {string} */
      step: "hour" | "day" | "week" | "month" | "total";
      tz: string;
      /** @enum {string} */
      cohort: "event" | "message";
    };
    SeriesPoint: {
      /**
       * Format: date-time
       * @description The beginning of the bucket.
       */
      at: string;
    } & components["schemas"]["SeriesCounts"];
    SeriesCounts: {
      received: number;
      sent: number;
      delivered: number;
      read: number;
      played: number;
      failed: number;
      noAccount: number;
      notInGroup: number;
      noActiveSession: number;
      /** @description Outgoing messages, by their own time. */
      messages: number;
    };
    /** @description Not rounded; `null` if the divisor is 0. By time of the event they may exceed 1: use `cohort=message`. */
    SeriesRates: {
      /** @description `delivered` ÷ `sent`. */
      deliveredRate: number | null;
      /** @description `read` ÷ `delivered`. */
      readRate: number | null;
      /** @description All failures ÷ `messages`. */
      failureRate: number | null;
    };
    GroupedSeriesAnswer: {
      /** @constant */
      success: true;
      series: components["schemas"]["GroupedSeries"];
    };
    GroupedSeries: components["schemas"]["SeriesHead"] & {
      groupBy: ("instance" | "origin" | "direction" | "status" | "reason" | "type" | "chatKind" | "label")[];
      groups: components["schemas"]["SeriesGroup"][];
    };
    SeriesGroup: {
      key: components["schemas"]["SeriesGroupKey"];
      points: components["schemas"]["SeriesPoint"][];
      /** @description The sums of the points. */
      totals: components["schemas"]["SeriesCounts"];
      rates: components["schemas"]["SeriesRates"];
    };
    SeriesGroupKey: {
      instance?: string;
      /** @description `null`: incoming messages have none. */
      origin?: components["schemas"]["Origin"] | null;
      direction?: components["schemas"]["Direction"];
      /** @description `null`: `received` and `messages`, which have no status. */
      status?: components["schemas"]["ReachedStatus"] | null;
      reason?: components["schemas"]["FailureReason"];
      type?: components["schemas"]["MessageType"];
      chatKind?: components["schemas"]["ChatKind"];
      /** @description `null`: messages without a label. Messages with several labels are in each. */
      label?: string | null;
      /**
       * @description The sum of all groups beyond the limit.
       * @constant
       */
      other?: true;
    };
    FailuresAnswer: {
      /** @constant */
      success: true;
      failures: components["schemas"]["Failures"];
    };
    Failures: {
      instance: string;
      /**
       * Format: date-time
       * @description The beginning that was used; `null` if no period was asked for.
       */
      from: string | null;
      /** Format: date-time */
      to: string | null;
      total: number;
      byStatus: components["schemas"]["FailuresByStatus"];
      /** @description Only what occurred, most frequent first. */
      byReason: components["schemas"]["FailuresByReason"][];
      /** @description The newest, at most 20. With more than 500 instances, only of the 500 with the most failures. */
      examples: components["schemas"]["FailureExample"][];
      /** @description With `groupBy=instance`: the most failures first, then the rest as `other`. */
      groups?: components["schemas"]["FailuresOfInstance"][];
    };
    FailuresByStatus: {
      failed: number;
      noAccount: number;
      notInGroup: number;
      noActiveSession: number;
    };
    FailuresByReason: {
      status: components["schemas"]["Failure"];
      reason: components["schemas"]["FailureReason"];
      count: number;
    };
    /** @enum {string} */
    Failure: "failed" | "noAccount" | "notInGroup" | "noActiveSession";
    FailureExample: {
      instance: string;
      idMessage: string;
      status: components["schemas"]["Failure"];
      reason: components["schemas"]["FailureReason"];
      /** @description The gateway's text, without long numbers. */
      description?: string;
      /** Format: date-time */
      at: string;
    };
    FailuresOfInstance: {
      key: {
        instance?: string;
        /** @constant */
        other?: true;
      };
      total: number;
      byStatus: components["schemas"]["FailuresByStatus"];
      /** @description Only what occurred, most frequent first. */
      byReason: components["schemas"]["FailuresByReason"][];
    };
    LatencyAnswer: {
      /** @constant */
      success: true;
      latency: components["schemas"]["Latency"];
    };
    Latency: {
      instance: string;
      /**
       * Format: date-time
       * @description The beginning that was used: latencies are kept by UTC day; `null` for all time.
       */
      from: string | null;
      /**
       * Format: date-time
       * @description The end that was used, exclusive.
       */
      to: string | null;
      stages: components["schemas"]["LatencyStages"];
      /** @description With `step=day`. */
      points?: components["schemas"]["LatencyOfDay"][];
      /** @description With `groupBy=instance`: the most measurements first, then the rest as `other`. */
      groups?: components["schemas"]["LatencyOfInstance"][];
    };
    LatencyStages: {
      sentToDelivered: components["schemas"]["LatencyOfStage"];
      deliveredToRead: components["schemas"]["LatencyOfStage"];
      /** @description From an event to the receipt of its webhook. */
      eventToReceipt: components["schemas"]["LatencyOfStage"];
    };
    LatencyOfStage: {
      count: number;
      mean: number | null;
      p50: number | null;
      p90: number | null;
      p99: number | null;
    };
    LatencyOfDay: {
      /** Format: date-time */
      at: string;
      stages: components["schemas"]["LatencyStages"];
    };
    LatencyOfInstance: {
      key: {
        instance?: string;
        /** @constant */
        other?: true;
      };
      stages: components["schemas"]["LatencyStages"];
    };
    Message: {
      idMessage: string;
      chatId: string | null;
      direction: components["schemas"]["Direction"];
      origin: components["schemas"]["Origin"] | null;
      type: string;
      status: components["schemas"]["MessageStatus"] | null;
      reason?: components["schemas"]["FailureReason"];
      description?: string;
      code?: string;
      price?: {
        /** @enum {string} */
        category:
          | "other"
          | "marketing"
          | "marketing_lite"
          | "utility"
          | "authentication"
          | "authentication_international"
          | "service"
          | "referral_conversion"
          | "group_marketing"
          | "group_utility"
          | "group_service"
          | "general_purpose_ai";
        /** @enum {string} */
        type: "other" | "regular" | "free_customer_service" | "free_entry_point";
      };
      contradicted: boolean;
      /** Format: date-time */
      observedAt: string | null;
      timeline: components["schemas"]["TimelineEntry"][];
      /** @description By name. */
      labels: string[];
      recipients?: components["schemas"]["Recipient"][];
    };
    /** @enum {string} */
    MessageStatus:
      | "pending"
      | "yellowCard"
      | "sent"
      | "delivered"
      | "read"
      | "played"
      | "failed"
      | "noAccount"
      | "notInGroup"
      | "noActiveSession";
    TimelineEntry: {
      status: components["schemas"]["MessageStatus"];
      /** Format: date-time */
      at: string;
      /** Format: date-time */
      receivedAt: string;
    };
    Recipient: {
      chatId: string;
      status: components["schemas"]["MessageStatus"];
      /** Format: date-time */
      at: string;
    };
    LabelRequest: {
      /** @description Name or id of an instance. */
      instance: string;
      /** @description Ids of outgoing messages, as the gateway gave them. Ids that no webhook has reported yet are labelled when one does. */
      idMessages: (
        | string
        | {
            idMessage: string;
            /** @description Only the message of this chat, for gateways whose ids are unique only within a chat. */
            chatId?: string;
          }
      )[];
    };
    Done: {
      /** @constant */
      success: true;
      message: string;
    };
    InstancesAnswer: {
      /** @constant */
      success: true;
      message: string;
      instances: components["schemas"]["Instance"][];
      /** @description The cursor of the next page; `null` on the last page. */
      nextCursor: string | null;
    };
    Instance: {
      name: string;
      idInstance: string;
      state: string | null;
      /** Format: date-time */
      lastWebhookAt: string | null;
      settings: components["schemas"]["InstanceSettings"];
    };
    InstanceSettings: {
      ignoreGroupMessages: boolean;
      failureRatioMax: number | null;
      upstream: {
        apiUrl: string;
        pull: boolean;
        reconcileEveryMinutes: number;
      } | null;
    };
    SettingsChange: {
      ignoreGroupMessages?: boolean;
      failureRatioMax?: number | null;
      upstream?: {
        /** Format: uri */
        apiUrl: string;
        apiTokenInstance: string;
        /** @default false */
        pull: boolean;
        /** @default 60 */
        reconcileEveryMinutes: number;
      } | null;
    };
    InstanceDetails: {
      name: string;
      idInstance: string;
      state: string | null;
      /** Format: date-time */
      lastWebhookAt: string | null;
      settings: components["schemas"]["InstanceSettings"];
      /** @description The last changes of the account's state at the gateway, newest first. */
      stateChanges: components["schemas"]["StateChange"][];
    };
    StateChange: {
      /** Format: date-time */
      at: string;
      /** @description `null` for the first state that was reported. */
      from: string | null;
      to: string;
    };
    InstanceAnswer: {
      /** @constant */
      success: true;
      instance: components["schemas"]["InstanceDetails"];
    };
    Finding: {
      /** @enum {string} */
      code:
        | "upstream_missing"
        | "gateway_not_asked"
        | "gateway_refused"
        | "gateway_limited"
        | "gateway_unavailable"
        | "gateway_timeout"
        | "gateway_unreadable"
        | "gateway_failed"
        | "not_authorised"
        | "address_missing"
        | "address_foreign"
        | "address_unknown"
        | "address_prevents_pull"
        | "token_missing"
        | "token_foreign"
        | "token_unknown"
        | "switched_off"
        | "webhooks_waiting"
        | "last_webhook"
        | "webhooks_stopped"
        | "no_webhook_yet"
        | "groups_ignored";
      /**
       * @description `error`: some webhooks are not counted; `warning`: less is known than could be; `info`: nothing to do.
       * @enum {string}
       */
      severity: "error" | "warning" | "info";
      message: string;
      /** @description What a repair would change. Of another receiver's address only the host is shown. */
      repair?: components["schemas"]["GatewaySettingChange"];
    };
    GatewaySettingChange: {
      key: string;
      /** @description `null`: not set. */
      from: string | null;
      to: string;
    };
    Target: {
      name: string;
      url: string;
      /** @enum {string} */
      mode: "relay" | "events";
      /** @enum {string} */
      state: "active" | "paused" | "disabled";
      /** @description Ids of instances; `null`: all. */
      instances: string[] | null;
      filter: components["schemas"]["TargetFilter"] | null;
      /** @description Waiting webhooks. */
      depth: number;
      /**
       * Format: date-time
       * @description Receipt of the oldest waiting webhook.
       */
      oldestAt: string | null;
      /** @description The last attempt: the HTTP status, or `timeout`, `refused`, `closed`, `dns`, `tls`, `blocked`, `other`. */
      lastStatus: string | null;
      /** Format: date-time */
      lastSuccessAt: string | null;
      /** @description Dead letters. */
      dead: number;
      /** @description Webhooks that were dropped because there was no room. */
      dropped: number;
      /** @description The last attempts; only in the answer for a single target. */
      attempts?: {
        /** Format: date-time */
        at: string;
        instance: string;
        status: string;
        durationMs: number;
      }[];
    };
    /** @description Only what matches every list that is given. */
    TargetFilter: {
      types?: string[];
      directions?: components["schemas"]["Direction"][];
      statuses?: components["schemas"]["MessageStatus"][];
      /** @description For a target of events; without it `message`. Alerts and digests need `ALERTS=on`. */
      events?: ("message" | "alert" | "digest")[];
    };
    /** @description Sent as the header `Authorization`; never shown. */
    TargetAuthorization: string;
    /** @description Names or ids; without it all instances, including later ones. */
    InstanceNames: string[];
    TargetSecretAnswer: {
      /** @constant */
      success: true;
      target: components["schemas"]["Target"];
      /** @description The secret that signs requests (Standard Webhooks). Shown only here. */
      secret?: string;
    };
    TargetAnswer: {
      /** @constant */
      success: true;
      target: components["schemas"]["Target"];
    };
    DeadLetter: {
      id: string;
      webhookId: string;
      instance: string;
      type: string;
      /** @enum {string} */
      reason: "expired" | "key_lost";
      /** Format: date-time */
      receivedAt: string;
      /** Format: date-time */
      deadAt: string;
      lastStatus: string | null;
      /** @description Whether its bytes are still there: they are kept for 24 hours. */
      replayable: boolean;
    };
    Health: {
      processes: components["schemas"]["ProcessHealth"][];
      queue: {
        waiting: number;
        active: number;
        delayed: number;
        failed: number;
        /**
         * Format: date-time
         * @description The oldest webhook that is not counted yet; `null` if there is none.
         */
        oldestReceivedAt: string | null;
      };
      quarantine: {
        size: number;
        bytes: number;
      };
      redis: {
        node: string;
        usedMemoryBytes: number;
        /** @description 0: no limit. */
        maxMemoryBytes: number;
        mayEvict: boolean;
        isAofOk: boolean;
      }[];
    };
    ProcessHealth: {
      /** @enum {string} */
      app: "ingest" | "worker" | "forwarder" | "api";
      id: string;
      pid: number;
      ready: boolean;
      reasons: string[];
      warnings: string[];
      memoryBytes: number;
      ratesPerSecond: {
        [key: string]: number;
      };
      gauges: {
        [key: string]: number;
      };
      /** Format: date-time */
      startedAt: string;
    };
    /** @enum {string} */
    QuarantineReason:
      | "job_unreadable"
      | "unreadable"
      | "not_an_object"
      | "no_type"
      | "no_instance"
      | "unknown_instance"
      | "invalid_shape"
      | "unknown_status"
      | "store_rejected"
      | "other_instance"
      | "no_chat";
    QuarantineEntry: {
      id: string;
      reason: components["schemas"]["QuarantineReason"];
      detail: string;
      idInstance: string | null;
      /** Format: date-time */
      receivedAt: string;
    };
    GreenApiJournal: components["schemas"]["GreenApiMessage"][];
    /** @description `timestamp`: Unix seconds; of an outgoing message those of the latest report about it. What no webhook has reported yet is left out, but `chatId` is empty. `senderId` is present for individual chats. */
    GreenApiMessage:
      | {
          idMessage: string;
          timestamp: number;
          typeMessage?: string;
          chatId: string;
          /** @constant */
          type: "outgoing";
          statusMessage: components["schemas"]["GreenApiStatus"];
          sendByApi?: boolean;
        }
      | {
          idMessage: string;
          timestamp: number;
          typeMessage?: string;
          chatId: string;
          /** @constant */
          type: "incoming";
          senderId?: string;
        };
    /** @enum {string} */
    GreenApiStatus:
      | "pending"
      | "yellowCard"
      | "sent"
      | "delivered"
      | "read"
      | "failed"
      | "noAccount"
      | "notInGroup"
      | "noActiveSession";
  };
  responses: {
    /** @description Not changed since the answer with this ETag. */
    304: {
      headers: {
        [name: string]: unknown;
      };
      content?: never;
    };
    /** @description The request is invalid; the message says why. */
    400: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/json": components["schemas"]["Error"];
      };
    };
    /** @description 401: The token is missing or invalid. 403: The token belongs to another instance or may only read, or the call is for the account only. 404: Unknown instance, message, label, target, token or entry. 405: The path has no such method. 409: The id or name is taken, there are too many, or several messages have the id: `chats` names their chats. 413: The body is too large. 415: The body is not JSON, or its compression is unknown. 429: Too many requests in this minute: see `Retry-After`. 503: Redis is unreachable, or too many large queries wait: try again after `Retry-After` seconds. */
    Error: {
      headers: {
        "Retry-After": components["headers"]["Retry-After"];
        [name: string]: unknown;
      };
      content: {
        "application/json": components["schemas"]["Error"];
      };
    };
    /** @description The request is invalid; the message says why. */
    Gateway400: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/json": components["schemas"]["GatewayError"];
      };
    };
    /** @description 401, 403, 404, 405, 409, 413, 415, 429, 503: as in `Error`. */
    GatewayError: {
      headers: {
        "Retry-After": components["headers"]["Retry-After"];
        [name: string]: unknown;
      };
      content: {
        "application/json": components["schemas"]["GatewayError"];
      };
    };
    /** @description The body is empty or not JSON; nothing was stored (`bad_request`, `empty_body`, `not_json`). */
    Webhook400: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/json": components["schemas"]["Error"];
      };
    };
    /** @description 401: The token or signature is missing or wrong, or belongs to another instance (`unauthorized`). 403: The sender's address is not in `WEBHOOK_ALLOWED_IPS` (`forbidden_address`). 404: No gateway of this name is enabled (`not_found`). 413: The body is larger than `INGEST_BODY_LIMIT` (`too_large`). 415: The headers do not declare a JSON body (`unsupported_media_type`). 429: Too many requests with a wrong token came from this address (`too_many_wrong_tokens`): see `Retry-After`. 503: The webhook could not be stored now (`unavailable`, `overloaded`, `queue_full`): send it again after `Retry-After` seconds. */
    WebhookError: {
      headers: {
        "Retry-After": components["headers"]["Retry-After"];
        [name: string]: unknown;
      };
      content: {
        "application/json": components["schemas"]["Error"];
      };
    };
    /** @description OK */
    Done: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/json": components["schemas"]["Done"];
      };
    };
    /** @description OK */
    InstanceAnswer: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/json": components["schemas"]["InstanceAnswer"];
      };
    };
    /** @description OK */
    TargetSecretAnswer: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/json": components["schemas"]["TargetSecretAnswer"];
      };
    };
    /** @description OK */
    TargetAnswer: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/json": components["schemas"]["TargetAnswer"];
      };
    };
    /** @description OK */
    GreenApiJournal: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/json": components["schemas"]["GreenApiJournal"];
      };
    };
  };
  parameters: {
    /** @description A name or id of an instance, several separated by commas (spaces are allowed), or `all` for all that the token may read. */
    instances: string;
    /** @description Beginning, inclusive. ISO 8601 (`2026-10-01`, `2026-10-01T08:00`, `2026-10-01T08:00:00+02:00`; without an offset it is in `tz`) or Unix seconds. */
    from: string;
    /** @description End, exclusive; now if not given. In the same format as `from`. */
    to: string;
    /** @description Time zone by its IANA name, such as `Europe/Berlin`. */
    tz: string;
    /** @description `csv` is the same as `Accept: text/csv`. */
    format: "json" | "csv";
    /** @description Also show the instances separately. */
    groupBy: "instance";
    /** @description Maximum number of groups; the rest is summed as the group `other`. */
    limit: number;
    /** @description Name or id of an instance. */
    instance: string;
    /** @description The gateway's id of the message. */
    idMessage: string;
    /** @description Name or id of an instance. */
    "listLabels.instance": string;
    /** @description A label: 1 to 64 printable characters, percent-encoded. */
    label: string;
    /** @description Name or id of an instance. */
    name: string;
    /** @description Name of a target. */
    target: string;
    /** @description The id of the entry, token or dead letter. */
    id: string;
    /** @description The gateway's id of the instance. */
    idInstance: string;
    /** @description The instance's token, or the account's. */
    apiTokenInstance: string;
    /** @description Messages of the last minutes, by their own time. */
    minutes: number;
  };
  requestBodies: never;
  headers: {
    /** @description Seconds to wait. */
    "Retry-After": number;
    /** @description With CSV: the `cursor` of the next page; missing on the last page. */
    "X-Next-Cursor": string;
  };
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  getMetrics: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A name or id of an instance, several separated by commas (spaces are allowed), or `all` for all that the token may read. */
        instances: components["parameters"]["instances"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["MetricsAnswer"];
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  getSeries: {
    parameters: {
      query?: {
        /** @description Beginning, inclusive. ISO 8601 (`2026-10-01`, `2026-10-01T08:00`, `2026-10-01T08:00:00+02:00`; without an offset it is in `tz`) or Unix seconds. */
        from?: components["parameters"]["from"];
        /** @description End, exclusive; now if not given. In the same format as `from`. */
        to?: components["parameters"]["to"];
        /** @description Time zone by its IANA name, such as `Europe/Berlin`. */
        tz?: components["parameters"]["tz"];
        /** @description Length of a bucket. Days, ISO weeks (from Monday) and months begin at midnight in `tz`; `total` is one bucket. */
        step?: "hour" | "day" | "week" | "month" | "total";
        /** @description When a status counts: `event`, when it was reached; `message`, in the bucket of its message, to ask how many of the messages sent in October arrived. */
        cohort?: "event" | "message";
        /** @description Group counts by one of instance, origin, direction, status, reason, type, chatKind, label, or by two: `instance` with any other, `direction,origin`, `origin,status`, `status,reason`, `label,status`, `label,reason`. Filters count as dimensions. */
        groupBy?: string;
        /** @description Maximum number of groups (100); the rest is summed as the group `other`. */
        limit?: number;
        /** @description Count only outgoing messages of this origin; `received` always counts all incoming ones. */
        origin?: components["schemas"]["Origin"];
        /** @description Count only messages of this direction. */
        direction?: components["schemas"]["Direction"];
        /** @description Count only this status. */
        status?: components["schemas"]["ReachedStatus"];
        /** @description Count only failures for this reason. */
        reason?: components["schemas"]["FailureReason"];
        /** @description Count only messages of this type; only `received`, `sent` and `messages` are counted by type. */
        type?: components["schemas"]["MessageType"];
        /** @description Count only messages in chats of this kind; only `received`, `sent` and `messages` are counted by it. */
        chatKind?: components["schemas"]["ChatKind"];
        /** @description Count only outgoing messages that have this label. */
        label?: components["schemas"]["Label"];
        /** @description `csv` is the same as `Accept: text/csv`. */
        format?: components["parameters"]["format"];
      };
      header?: never;
      path: {
        /** @description A name or id of an instance, several separated by commas (spaces are allowed), or `all` for all that the token may read. */
        instances: components["parameters"]["instances"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "series": {
           *         "instance": "all",
           *         "from": "2026-10-01T00:00:00.000+02:00",
           *         "to": "2026-11-01T00:00:00.000+01:00",
           *         "completeFrom": "2025-09-27T00:00:00.000+02:00",
           *         "step": "month",
           *         "tz": "Europe/Berlin",
           *         "cohort": "message",
           *         "groupBy": [
           *           "instance"
           *         ],
           *         "groups": [
           *           {
           *             "key": {
           *               "instance": "sales"
           *             },
           *             "points": [
           *               {
           *                 "at": "2026-10-01T00:00:00.000+02:00",
           *                 "received": 12,
           *                 "sent": 40,
           *                 "delivered": 38,
           *                 "read": 21,
           *                 "played": 0,
           *                 "failed": 1,
           *                 "noAccount": 1,
           *                 "notInGroup": 0,
           *                 "noActiveSession": 0,
           *                 "messages": 42
           *               }
           *             ],
           *             "totals": {
           *               "received": 12,
           *               "sent": 40,
           *               "delivered": 38,
           *               "read": 21,
           *               "played": 0,
           *               "failed": 1,
           *               "noAccount": 1,
           *               "notInGroup": 0,
           *               "noActiveSession": 0,
           *               "messages": 42
           *             },
           *             "rates": {
           *               "deliveredRate": 0.95,
           *               "readRate": 0.5526315789473685,
           *               "failureRate": 0.047619047619047616
           *             }
           *           }
           *         ]
           *       }
           *     }
           */
          "application/json": components["schemas"]["SeriesAnswer"] | components["schemas"]["GroupedSeriesAnswer"];
        };
      };
      304: components["responses"]["304"];
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  getFailures: {
    parameters: {
      query?: {
        /** @description Beginning, inclusive. ISO 8601 (`2026-10-01`, `2026-10-01T08:00`, `2026-10-01T08:00:00+02:00`; without an offset it is in `tz`) or Unix seconds. */
        from?: components["parameters"]["from"];
        /** @description End, exclusive; now if not given. In the same format as `from`. */
        to?: components["parameters"]["to"];
        /** @description Time zone by its IANA name, such as `Europe/Berlin`. */
        tz?: components["parameters"]["tz"];
        /** @description Also show the instances separately. */
        groupBy?: components["parameters"]["groupBy"];
        /** @description Maximum number of groups; the rest is summed as the group `other`. */
        limit?: components["parameters"]["limit"];
        /** @description `csv` is the same as `Accept: text/csv`. */
        format?: components["parameters"]["format"];
      };
      header?: never;
      path: {
        /** @description A name or id of an instance, several separated by commas (spaces are allowed), or `all` for all that the token may read. */
        instances: components["parameters"]["instances"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "failures": {
           *         "instance": "sales",
           *         "from": null,
           *         "to": null,
           *         "total": 1,
           *         "byStatus": {
           *           "failed": 0,
           *           "noAccount": 1,
           *           "notInGroup": 0,
           *           "noActiveSession": 0
           *         },
           *         "byReason": [
           *           {
           *             "status": "noAccount",
           *             "reason": "no_account",
           *             "count": 1
           *           }
           *         ],
           *         "examples": [
           *           {
           *             "instance": "sales",
           *             "idMessage": "BAE5367237E13A87",
           *             "status": "noAccount",
           *             "reason": "no_account",
           *             "at": "2026-10-30T14:21:09.000Z"
           *           }
           *         ]
           *       }
           *     }
           */
          "application/json": components["schemas"]["FailuresAnswer"];
        };
      };
      304: components["responses"]["304"];
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  getLatency: {
    parameters: {
      query?: {
        /** @description Beginning, inclusive. ISO 8601 (`2026-10-01`, `2026-10-01T08:00`, `2026-10-01T08:00:00+02:00`; without an offset it is in `tz`) or Unix seconds. */
        from?: components["parameters"]["from"];
        /** @description End, exclusive; now if not given. In the same format as `from`. */
        to?: components["parameters"]["to"];
        /** @description Time zone by its IANA name, such as `Europe/Berlin`. */
        tz?: components["parameters"]["tz"];
        /** @description Also show UTC days separately. */
        step?: "day";
        /** @description Also show the instances separately. */
        groupBy?: components["parameters"]["groupBy"];
        /** @description Maximum number of groups; the rest is summed as the group `other`. */
        limit?: components["parameters"]["limit"];
        /** @description `csv` is the same as `Accept: text/csv`. */
        format?: components["parameters"]["format"];
      };
      header?: never;
      path: {
        /** @description A name or id of an instance, several separated by commas (spaces are allowed), or `all` for all that the token may read. */
        instances: components["parameters"]["instances"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["LatencyAnswer"];
        };
      };
      304: components["responses"]["304"];
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  listMessages: {
    parameters: {
      query?: {
        /** @description Status of outgoing messages: one or several of pending, yellowCard, sent, delivered, read, played, failed, noAccount, notInGroup, noActiveSession. */
        status?: string;
        /** @description Who sent the outgoing messages. */
        origin?: components["schemas"]["Origin"];
        direction?: components["schemas"]["Direction"];
        type?: components["schemas"]["MessageType"];
        /** @description Why outgoing messages failed. */
        reason?: components["schemas"]["FailureReason"];
        /** @description Outgoing messages that have this label. */
        label?: components["schemas"]["Label"];
        /** @description No update about the message for at least this long: `30s`, `10m`, `2h`, `3d`, or seconds. */
        olderThan?: string;
        /** @description Beginning, inclusive. ISO 8601 (`2026-10-01`, `2026-10-01T08:00`, `2026-10-01T08:00:00+02:00`; without an offset it is in `tz`) or Unix seconds. */
        from?: components["parameters"]["from"];
        /** @description End, exclusive; now if not given. In the same format as `from`. */
        to?: components["parameters"]["to"];
        /** @description Time zone by its IANA name, such as `Europe/Berlin`. */
        tz?: components["parameters"]["tz"];
        /** @description `nextCursor` of the previous page. */
        cursor?: string;
        /** @description Messages per page. */
        limit?: number;
        /** @description `csv` is the same as `Accept: text/csv`. */
        format?: components["parameters"]["format"];
      };
      header?: never;
      path: {
        /** @description Name or id of an instance. */
        instance: components["parameters"]["instance"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          "X-Next-Cursor": components["headers"]["X-Next-Cursor"];
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            messages: components["schemas"]["Message"][];
            /** @description The cursor of the next page; `null` on the last page. A page may be short or even empty without being the last. */
            nextCursor: string | null;
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  findMessage: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The gateway's id of the message. */
        idMessage: components["parameters"]["idMessage"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            /** @description At most 100. */
            messages: {
              instance: string;
              idInstance: string;
              direction: components["schemas"]["Direction"];
              chatId: string | null;
              status: components["schemas"]["MessageStatus"] | null;
            }[];
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  getMessage: {
    parameters: {
      query?: {
        /** @description The message's chat, for gateways whose ids are unique only within a chat. */
        chatId?: string;
      };
      header?: never;
      path: {
        /** @description Name or id of an instance. */
        instance: components["parameters"]["instance"];
        /** @description The gateway's id of the message. */
        idMessage: components["parameters"]["idMessage"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "message": {
           *         "idMessage": "BAE5367237E13A87",
           *         "chatId": "79001234567@c.us",
           *         "direction": "outgoing",
           *         "origin": "api",
           *         "type": "text",
           *         "status": "delivered",
           *         "contradicted": false,
           *         "observedAt": "2026-10-30T14:21:08.000Z",
           *         "timeline": [
           *           {
           *             "status": "sent",
           *             "at": "2026-10-30T14:21:09.000Z",
           *             "receivedAt": "2026-10-30T14:21:09.000Z"
           *           },
           *           {
           *             "status": "delivered",
           *             "at": "2026-10-30T14:21:11.000Z",
           *             "receivedAt": "2026-10-30T14:21:12.000Z"
           *           }
           *         ],
           *         "labels": [
           *           "spring-sale"
           *         ]
           *       }
           *     }
           */
          "application/json": {
            /** @constant */
            success: true;
            message: components["schemas"]["Message"];
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  listLabels: {
    parameters: {
      query: {
        /** @description Name or id of an instance. */
        instance: components["parameters"]["listLabels.instance"];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            labels: {
              label: string;
              messages: number;
            }[];
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  labelMessages: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description A label: 1 to 64 printable characters, percent-encoded. */
        label: components["parameters"]["label"];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["LabelRequest"];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            label: string;
            instance: string;
            /** @description How many known messages of these ids have the label now. */
            labelled: number;
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  deleteLabel: {
    parameters: {
      query: {
        /** @description Name or id of an instance. */
        instance: components["parameters"]["listLabels.instance"];
      };
      header?: never;
      path: {
        /** @description A label: 1 to 64 printable characters, percent-encoded. */
        label: components["parameters"]["label"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: components["responses"]["Done"];
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  listInstances: {
    parameters: {
      query?: {
        /** @description Only these: names or ids, separated by commas, at most 500, in one page. */
        instanceName?: string;
        /** @description `nextCursor` of the previous page. */
        cursor?: string;
        /** @description Instances per page; 1000 if not given. */
        limit?: number;
        /** @description `csv` is the same as `Accept: text/csv`. */
        format?: components["parameters"]["format"];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          "X-Next-Cursor": components["headers"]["X-Next-Cursor"];
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["InstancesAnswer"];
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  createInstance: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          idInstance: number | string;
          name?: string;
          settings?: components["schemas"]["SettingsChange"];
        };
      };
    };
    responses: {
      /** @description OK */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            instance: components["schemas"]["InstanceDetails"];
            token: string;
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  getInstance: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of an instance. */
        name: components["parameters"]["name"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: components["responses"]["InstanceAnswer"];
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  deleteInstance: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of an instance. */
        name: components["parameters"]["name"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: components["responses"]["Done"];
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  changeInstance: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of an instance. */
        name: components["parameters"]["name"];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          name?: string;
          settings?: components["schemas"]["SettingsChange"];
        };
      };
    };
    responses: {
      200: components["responses"]["InstanceAnswer"];
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  forgetChat: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of an instance. */
        name: components["parameters"]["name"];
        /** @description A chat's id (`79001234567@c.us`), a bare phone number, or a pseudonym. */
        chatId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            message: string;
            messages: number;
            recipients: number;
            quarantined: number;
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  createInstanceToken: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of an instance. */
        name: components["parameters"]["name"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            token: string;
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  getReconciliation: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of an instance. */
        name: components["parameters"]["name"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            lastRun: {
              /** @enum {string} */
              source: "schedule" | "request" | "file";
              /** Format: date-time */
              startedAt: string;
              /** Format: date-time */
              finishedAt: string;
              /** @enum {string} */
              outcome:
                "ok" | "refused" | "limited" | "unavailable" | "timeout" | "unreadable" | "failed" | "no_upstream";
              minutes: number | null;
              checked: number;
              missing: number;
              behind: number;
              known: number;
              skipped: number;
              error: string | null;
              /** Format: date-time */
              nextAt: string | null;
            } | null;
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  reconcile: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of an instance. */
        name: components["parameters"]["name"];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json":
          | unknown[]
          | {
              messages: unknown[];
            }
          | {
              minutes?: number;
            };
      };
    };
    responses: {
      /** @description OK */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            message: string;
            scheduled: {
              instance: string;
              /** @enum {string} */
              source: "request" | "file";
              minutes: number | null;
              entries: number;
              skipped: number;
            };
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  checkInstance: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of an instance. */
        name: components["parameters"]["name"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            check: {
              /** @description Whether there are neither errors nor warnings. */
              ok: boolean;
              findings: components["schemas"]["Finding"][];
            };
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  repairInstance: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name or id of an instance. */
        name: components["parameters"]["name"];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /**
           * @description Without it, nothing is changed.
           * @default false
           */
          apply?: boolean;
          /**
           * @description Even if another receiver would lose its webhooks.
           * @default false
           */
          replaceUrl?: boolean;
        };
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            message: string;
            changes: components["schemas"]["GatewaySettingChange"][];
            /** @description Whether the gateway restarts the instance. */
            restarts: boolean;
            /** @description The receiver that would be replaced, in the form of a target. */
            target: {
              /** @constant */
              mode: "relay";
              url: string;
            } | null;
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  listTargets: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            targets: components["schemas"]["Target"][];
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  createTarget: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          name: string;
          /** Format: uri */
          url: string;
          /** @enum {string} */
          mode: "relay" | "events";
          /**
           * @description For events: `json` (default), or `text` for chat tools: `{ "text": … }`.
           * @enum {string}
           */
          format?: "json" | "text";
          authorization?: components["schemas"]["TargetAuthorization"];
          instances?: components["schemas"]["InstanceNames"];
          filter?: components["schemas"]["TargetFilter"];
        };
      };
    };
    responses: {
      201: components["responses"]["TargetSecretAnswer"];
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  getTarget: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of a target. */
        target: components["parameters"]["target"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: components["responses"]["TargetAnswer"];
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  deleteTarget: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of a target. */
        target: components["parameters"]["target"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: components["responses"]["Done"];
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  changeTarget: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of a target. */
        target: components["parameters"]["target"];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /** Format: uri */
          url?: string;
          authorization?: components["schemas"]["TargetAuthorization"] | null;
          instances?: components["schemas"]["InstanceNames"] | null;
          filter?: components["schemas"]["TargetFilter"] | null;
        };
      };
    };
    responses: {
      200: components["responses"]["TargetAnswer"];
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  pauseTarget: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of a target. */
        target: components["parameters"]["target"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: components["responses"]["TargetAnswer"];
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  resumeTarget: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of a target. */
        target: components["parameters"]["target"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: components["responses"]["TargetAnswer"];
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  retryTarget: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of a target. */
        target: components["parameters"]["target"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            lanes: number;
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  testTarget: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of a target. */
        target: components["parameters"]["target"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            test: {
              ok: boolean;
              status: string;
              durationMs: number;
            };
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  rotateTargetSecret: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of a target. */
        target: components["parameters"]["target"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: components["responses"]["TargetSecretAnswer"];
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  listDeadLetters: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description Name of a target. */
        target: components["parameters"]["target"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            dead: components["schemas"]["DeadLetter"][];
            nextCursor: string | null;
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  discardDeadLetters: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of a target. */
        target: components["parameters"]["target"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            discarded: number;
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  replayDeadLetters: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of a target. */
        target: components["parameters"]["target"];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /** @description Without it, all that can be replayed. */
          ids?: string[];
        };
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            replayed: number;
            /** @description Those that cannot be replayed, or not now because the lane is full. */
            left: number;
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  discardDeadLetter: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of a target. */
        target: components["parameters"]["target"];
        /** @description The id of the entry, token or dead letter. */
        id: components["parameters"]["id"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: components["responses"]["Done"];
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  listTokens: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            tokens: {
              id: string;
              name: string;
              /** @constant */
              scope: "read";
              /** Format: date-time */
              createdAt: string;
              /**
               * Format: date-time
               * @description To the minute; `null` until it is used.
               */
              lastUsedAt: string | null;
            }[];
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  createToken: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /** @description Its purpose, to distinguish it from others. */
          name: string;
          /** @constant */
          scope: "read";
        };
      };
    };
    responses: {
      /** @description OK */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            id: string;
            token: string;
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  revokeToken: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the entry, token or dead letter. */
        id: components["parameters"]["id"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: components["responses"]["Done"];
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  getHealth: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            health: components["schemas"]["Health"];
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  streamEvents: {
    parameters: {
      query?: {
        /** @description Names or ids of instances, separated by commas; without it, all that the token may read. */
        instances?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As it happens. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/event-stream": string;
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  listQuarantine: {
    parameters: {
      query?: {
        reason?: components["schemas"]["QuarantineReason"];
        instance?: string;
        limit?: number;
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            size: number;
            entries: components["schemas"]["QuarantineEntry"][];
            nextCursor: string | null;
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  getQuarantined: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the entry, token or dead letter. */
        id: components["parameters"]["id"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            entry: {
              id: string;
              reason: components["schemas"]["QuarantineReason"];
              detail: string;
              idInstance: string | null;
              /** Format: date-time */
              receivedAt: string;
              webhook: unknown;
            };
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  discardQuarantined: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the entry, token or dead letter. */
        id: components["parameters"]["id"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: components["responses"]["Done"];
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  replayQuarantined: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          ids?: string[];
          reason?: components["schemas"]["QuarantineReason"];
          instance?: string;
          /** @constant */
          all?: true;
        };
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            replayed: number;
            skipped: number;
          };
        };
      };
      400: components["responses"]["400"];
      default: components["responses"]["Error"];
    };
  };
  greenApiLastOutgoingMessages: {
    parameters: {
      query?: {
        /** @description Messages of the last minutes, by their own time. */
        minutes?: components["parameters"]["minutes"];
      };
      header?: never;
      path: {
        /** @description The gateway's id of the instance. */
        idInstance: components["parameters"]["idInstance"];
        /** @description The instance's token, or the account's. */
        apiTokenInstance: components["parameters"]["apiTokenInstance"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: components["responses"]["GreenApiJournal"];
      400: components["responses"]["Gateway400"];
      default: components["responses"]["GatewayError"];
    };
  };
  greenApiLastIncomingMessages: {
    parameters: {
      query?: {
        /** @description Messages of the last minutes, by their own time. */
        minutes?: components["parameters"]["minutes"];
      };
      header?: never;
      path: {
        /** @description The gateway's id of the instance. */
        idInstance: components["parameters"]["idInstance"];
        /** @description The instance's token, or the account's. */
        apiTokenInstance: components["parameters"]["apiTokenInstance"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: components["responses"]["GreenApiJournal"];
      400: components["responses"]["Gateway400"];
      default: components["responses"]["GatewayError"];
    };
  };
  greenApiGetMessage: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The gateway's id of the instance. */
        idInstance: components["parameters"]["idInstance"];
        /** @description The instance's token, or the account's. */
        apiTokenInstance: components["parameters"]["apiTokenInstance"];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          chatId: string;
          idMessage: string;
        };
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["GreenApiMessage"];
        };
      };
      400: components["responses"]["Gateway400"];
      default: components["responses"]["GatewayError"];
    };
  };
  greenApiGetStatusStatistic: {
    parameters: {
      query: {
        idMessage: string;
        /** @description For ids that are unique only within a chat: Telegram, MAX. */
        chatId?: string;
      };
      header?: never;
      path: {
        /** @description The gateway's id of the instance. */
        idInstance: components["parameters"]["idInstance"];
        /** @description The instance's token, or the account's. */
        apiTokenInstance: components["parameters"]["apiTokenInstance"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            timestamp: number;
            participant: string;
            status: components["schemas"]["GreenApiStatus"];
          }[];
        };
      };
      400: components["responses"]["Gateway400"];
      default: components["responses"]["GatewayError"];
    };
  };
  greenApiGetStateInstance: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The gateway's id of the instance. */
        idInstance: components["parameters"]["idInstance"];
        /** @description The instance's token, or the account's. */
        apiTokenInstance: components["parameters"]["apiTokenInstance"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            stateInstance: string | null;
          };
        };
      };
      400: components["responses"]["Gateway400"];
      default: components["responses"]["GatewayError"];
    };
  };
  greenApiGetSettings: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The gateway's id of the instance. */
        idInstance: components["parameters"]["idInstance"];
        /** @description The instance's token, or the account's. */
        apiTokenInstance: components["parameters"]["apiTokenInstance"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            wid: "";
            /** @constant */
            webhookUrl: "";
          };
        };
      };
      400: components["responses"]["Gateway400"];
      default: components["responses"]["GatewayError"];
    };
  };
  postWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Name of the gateway.
         * @example green-api
         */
        gateway: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "typeWebhook": "outgoingMessageStatus",
         *       "instanceData": {
         *         "idInstance": 7103000001,
         *         "wid": "79876543210@c.us",
         *         "typeInstance": "whatsapp"
         *       },
         *       "chatId": "79001234567@c.us",
         *       "timestamp": 1793380869,
         *       "idMessage": "BAE5367237E13A87",
         *       "status": "delivered",
         *       "sendByApi": true
         *     }
         */
        "application/json": {
          [key: string]: unknown;
        };
      };
    };
    responses: {
      /** @description Stored. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
          };
        };
      };
      400: components["responses"]["Webhook400"];
      default: components["responses"]["WebhookError"];
    };
  };
}
