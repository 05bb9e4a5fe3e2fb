import type { Generated } from 'kysely';

export type AccountTables = {
  accounts: {
    id: Generated<number>;
    /** As it was typed. */
    email: string;
    /** In lower case: what makes an address unique. */
    email_key: string;
    name: string | null;
    /** A PHC string. */
    password_hash: string;
    created_at: number;
  };
  account_roles: { account_id: number; role: string };
  account_addresses: {
    id: string;
    account_id: number;
    name: string;
    line1: string;
    line2: string | null;
    postal_code: string;
    city: string;
    country: string;
    phone: string | null;
    created_at: number;
  };
  /** What becomes an account when its address is verified. */
  account_registrations: {
    token_hash: string;
    email: string;
    email_key: string;
    name: string | null;
    password_hash: string;
    created_at: number;
    expires_at: number;
  };
  account_resets: { token_hash: string; account_id: number; expires_at: number };
};

export type SessionTables = {
  account_sessions: {
    id: string;
    account_id: number;
    /** How often the session has been refreshed. Only the refresh token of this generation is live. */
    generation: number;
    rotated_at: number;
    user_agent: string | null;
    created_at: number;
    last_used_at: number;
    expires_at: number;
    ended_at: number | null;
    end_reason: string | null;
  };
};

export type KeyTables = {
  /** Keys of access tokens. The private half is null if it comes from a setting, or no longer signs. */
  account_keys: { id: string; public_jwk: string; private_jwk: string | null; created_at: number };
  account_secrets: { name: string; value: string };
};

export type MailTables = {
  account_dev_mails: {
    id: string;
    recipient: string;
    subject: string;
    body: string;
    token: string | null;
    created_at: number;
  };
};

export type AccountsTables = AccountTables & SessionTables & KeyTables & MailTables;
