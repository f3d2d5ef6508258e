/**
 * Owns what we do about an alert: notify, enrich, contain; one folder per action in `actions/`, each with a typed inverse. Refuses to act
 * without a recorded run. Promises nothing yet: the first actions come with their own issue, and this file keeps their place on the map.
 */
export {};
