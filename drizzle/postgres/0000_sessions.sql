CREATE TABLE IF NOT EXISTS "sess_sessions" (
	"key" text PRIMARY KEY NOT NULL,
	"version" text NOT NULL,
	"expires_at" bigint NOT NULL,
	"record" text NOT NULL
);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "sess_sessions_expires_at" ON "sess_sessions" USING btree ("expires_at");