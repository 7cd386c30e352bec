// You will see: FFmpeg in a container turns a video of this machine into another format and a thumbnail, which come back here.
import { readdir, stat, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AciClient, runContainerJob } from "aci-lifecycle";
import { startEmulator } from "aci-lifecycle/emulator";
import { azureFiles } from "aci-lifecycle/storage";

const image = "aci-lifecycle-example/ffmpeg:1"; // made by scripts/ffmpeg-image.sh
const folder = await mkdtemp(join(tmpdir(), "transcode-"));
const emulator = await startEmulator({ engine: "docker" });
try {
  const client = new AciClient(emulator.clientOptions);
  // On Azure: azureFiles({ accountName, accountKey, share: "videos" })
  const fileStore = azureFiles({ ...(await emulator.fileService("mediastore")), share: "videos" });
  const options = { fileStore, outputFolder: folder };
  const ffmpeg = (...args: string[]): { image: string; command: string[]; cpu: number; memoryInGB: number } => ({
    image,
    command: ["/usr/bin/ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "warning", "-y", ...args],
    cpu: 2,
    memoryInGB: 2,
  });

  // A test picture with a tone stands for the user's video.
  const source = ["-f", "lavfi", "-i", "testsrc=duration=5:size=1280x720:rate=30", "-f", "lavfi", "-i", "sine=duration=5", "-c:v", "mpeg4"];
  await runContainerJob(client, { ...ffmpeg(...source, "$(ACI_JOB_FOLDER)/in.avi"), files: { outputs: { source: "in.avi" } } }, options);

  const inputs = { "in.avi": { localPath: join(folder, "in.avi") } };
  const scaled = ["-vf", "scale=640:360", "-c:v", "libx264", "-preset", "veryfast", "-c:a", "aac", "$(ACI_JOB_FOLDER)/out.mp4"];
  const thumbnail = ["-ss", "2", "-frames:v", "1", "-vf", "scale=320:-1", "$(ACI_JOB_FOLDER)/thumbnail.jpg"];
  const transcode = { ...ffmpeg("-i", "$(ACI_JOB_FOLDER)/in.avi", ...scaled, ...thumbnail), files: { inputs, outputs: { video: "out.mp4", thumbnail: "thumbnail.jpg" } } };
  const { outputs, timings } = await runContainerJob(client, transcode, options);

  for (const name of await readdir(folder)) console.log(`${name}: ${(await stat(join(folder, name))).size} bytes`);
  console.log(`the video is at ${outputs.video[0]?.localPath ?? "?"}; the transcode ran ${timings.ranInMs ?? 0} ms`);
  console.log(`${emulator.groups().length} container groups and ${(await (await emulator.share("mediastore", "videos")).list()).length} files in the share are left`);
} finally {
  await emulator.close();
  await rm(folder, { recursive: true });
}
